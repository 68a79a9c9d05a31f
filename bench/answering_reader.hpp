// SPDX-License-Identifier: BSL-1.0
//
// A receiver on the loopback interface that says yes to every POST, on a thread of its own. Like
// draining_reader it does not sleep while requests come.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <poll.h>
#ifdef BENCH_HAS_OPENSSL
#include <openssl/ssl.h>
#endif

namespace bench {

/// Takes one connection.
class answering_reader {
public:
    using socket = boost::asio::ip::tcp::socket;  ///< an accepted connection

    /// @param talk  has the conversation; by default HTTP
    explicit answering_reader(std::function<void(socket&)> talk =
                                  [](socket& s) { converse(s, [&s] { wait(s); }); })
        : thread_{[this, talk = std::move(talk)] {
              boost::system::error_code ended;
              socket connection{io_};
              accepting_.accept(connection, ended);
              if (!ended) {
                  connection.set_option(boost::asio::ip::tcp::no_delay{true});
                  talk(connection);
              }
          }} {}
    answering_reader(const answering_reader&) = delete;
    answering_reader& operator=(const answering_reader&) = delete;
    ~answering_reader() {
        ::shutdown(accepting_.native_handle(), SHUT_RDWR);
        thread_.join();
    }

    [[nodiscard]] std::string url(const std::string& scheme) const {
        return scheme + "://localhost:" + std::to_string(accepting_.local_endpoint().port()) + "/";
    }

    /// What it says to whom it refuses nothing.
    static constexpr std::string_view yes = "HTTP/1.1 204 No Content\r\n\r\n";

    /// Answers requests until the peer ends, or says what is no request.
    template <class Stream, class Wait>
    static void converse(Stream& stream, Wait wait) {
        converse(stream, wait, [](std::string_view, bool) { return yes; });
    }
    /// The same; judge(bytes, is_last) sees each body, in pieces, and gives the answer to it.
    template <class Stream, class Wait, class Judge>
    static void converse(Stream& stream, Wait wait, Judge judge) {
        std::vector<char> room(std::size_t{256} << 10);
        std::string head;
        std::size_t body = 0;  // bytes that are still to come
        for (boost::system::error_code ended;;) {
            wait();
            const std::size_t n = stream.read_some(boost::asio::buffer(room), ended);
            if (ended) {
                return;
            }
            std::string_view text{room.data(), n};
            while (!text.empty()) {
                if (body == 0) {
                    body = take_head(head, text);
                }
                const std::size_t taken = (std::min)(body, text.size());
                body -= taken;
                if (taken != 0) {
                    const std::string_view said = judge(text.substr(0, taken), body == 0);
                    if (body == 0) {
                        stream.write_some(boost::asio::buffer(said), ended);
                    }
                }
                text.remove_prefix(taken);
            }
        }
    }

    /// Until there is something to read; asleep only after some 20 ms.
    static void wait(socket& s) {
        pollfd ready{s.native_handle(), POLLIN, 0};
        for (int n = 0; n < 40'000 && ::poll(&ready, 1, 0) == 0; ++n) {}
    }

private:
    /// Moves the head's bytes. Returns the length of its body once it is whole.
    static std::size_t take_head(std::string& head, std::string_view& text) {
        const std::size_t before = head.size();
        head += text.substr(0, 4'096);
        const std::size_t end = head.find("\r\n\r\n");
        if (end == std::string::npos) {
            text.remove_prefix(head.size() - before);
            return 0;
        }
        text.remove_prefix(end + 4 - before);
        constexpr std::string_view key = "\r\nContent-Length: ";
        const std::size_t size =
            std::strtoul(head.c_str() + head.find(key) + key.size(), nullptr, 10);
        head.clear();
        return size;
    }

    boost::asio::io_context io_;
    boost::asio::ip::tcp::acceptor accepting_{io_,
                                              {boost::asio::ip::make_address_v4("127.0.0.1"), 0}};
    std::thread thread_;
};

#ifdef BENCH_HAS_OPENSSL
/// An accepted connection under TLS, as converse() wants it. It reads ahead: two system calls a
/// record less.
class tls_server {
public:
    tls_server(int connection, X509* shown, EVP_PKEY* key)
        : context_{::SSL_CTX_new(::TLS_server_method())} {
        ::SSL_CTX_use_certificate(context_.get(), shown);
        ::SSL_CTX_use_PrivateKey(context_.get(), key);
        ::SSL_CTX_set_read_ahead(context_.get(), 1);
        ::SSL_CTX_set_default_read_buffer_len(context_.get(), std::size_t{256} << 10);
        ssl_.reset(::SSL_new(context_.get()));
        ::SSL_set_fd(ssl_.get(), connection);
        ::SSL_accept(ssl_.get());  // what fails here fails in the first read again
    }
    [[nodiscard]] bool has_read_ahead() const noexcept {
        return ::SSL_has_pending(ssl_.get()) != 0;
    }
    /// OpenSSL's number of the cipher; 0: none.
    [[nodiscard]] int cipher() const noexcept {
        const SSL_CIPHER* const one = ::SSL_get_current_cipher(ssl_.get());
        return one == nullptr ? 0 : ::SSL_CIPHER_get_cipher_nid(one);
    }
    std::size_t read_some(boost::asio::mutable_buffer room, boost::system::error_code& ended) {
        std::size_t n = 0;
        if (::SSL_read_ex(ssl_.get(), room.data(), room.size(), &n) != 1) {
            ended = boost::asio::error::eof;
        }
        return n;
    }
    std::size_t write_some(boost::asio::const_buffer bytes, boost::system::error_code& ended) {
        std::size_t n = 0;
        if (::SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &n) != 1) {
            ended = boost::asio::error::eof;
        }
        return n;
    }

private:
    struct freed {
        void operator()(SSL_CTX* c) const { ::SSL_CTX_free(c); }
        void operator()(SSL* s) const { ::SSL_free(s); }
    };
    std::unique_ptr<SSL_CTX, freed> context_;
    std::unique_ptr<SSL, freed> ssl_;
};

/// The same conversation on TLS, with this certificate.
///
/// @param agreed  where it notes the cipher that both sides have agreed on
inline std::function<void(answering_reader::socket&)> server_side(X509* shown, EVP_PKEY* key,
                                                                  std::atomic<int>& agreed) {
    return [shown, key, &agreed](answering_reader::socket& s) {
        tls_server stream{s.native_handle(), shown, key};
        agreed = stream.cipher();
        answering_reader::converse(stream, [&] {
            if (!stream.has_read_ahead()) {
                answering_reader::wait(s);
            }
        });
    };
}
#endif

}  // namespace bench
