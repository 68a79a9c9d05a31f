// SPDX-License-Identifier: BSL-1.0
//
// A receiver of lines in datagrams that a program can embed, at a port or at a path. One thread of
// its own does it all; the counts may be read from any thread.
#pragma once

#include "counted_lines.hpp"
#include "tally.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/generic/datagram_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/local/datagram_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <unistd.h>

namespace receiver {

/// OnLine is as in line_receiver. A datagram that ends inside a line is a torn tail.
template <class OnLine>
class datagram_receiver {
    using protocol = boost::asio::generic::datagram_protocol;

public:
    /// Reads at once, on `port` of `address`; 0 takes a free one. Throws
    /// boost::system::system_error when that cannot be had.
    datagram_receiver(format_reader read, OnLine on_line, std::uint16_t port = 0,
                      const std::string& address = "127.0.0.1")
        : datagram_receiver{read, std::move(on_line),
                            protocol::endpoint{boost::asio::ip::udp::endpoint{
                                boost::asio::ip::make_address(address), port}}} {
        const protocol::endpoint at = socket_.local_endpoint();
        boost::asio::ip::udp::endpoint own;
        own.resize(at.size());
        std::memcpy(own.data(), at.data(), at.size());
        port_ = own.port();
        begin();
    }
    /// Reads at once, at a path, which it removes at the end. Throws alike, also where there is a
    /// file already.
    datagram_receiver(format_reader read, OnLine on_line, const std::string& path)
        : datagram_receiver{
              read, std::move(on_line),
              protocol::endpoint{boost::asio::local::datagram_protocol::endpoint{path}}} {
        path_ = path;
        begin();
    }

    ~datagram_receiver() {
        io_.stop();
        if (thread_.joinable()) {
            thread_.join();
        }
        if (!path_.empty()) {
            ::unlink(path_.c_str());
        }
    }

    datagram_receiver(const datagram_receiver&) = delete;
    datagram_receiver& operator=(const datagram_receiver&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }  ///< 0 at a path
    [[nodiscard]] tally counts() const { return lines_.counts(); }

    /// Reads what has come, and no more. Call it once.
    void finish() {
        boost::asio::post(io_, [this] {
            is_ending_ = true;
            socket_.cancel();
        });
        thread_.join();
    }

private:
    datagram_receiver(format_reader read, OnLine on_line, const protocol::endpoint& at)
        : lines_{read, std::move(on_line)} {
        socket_.open(at.protocol());
        boost::system::error_code ignored;  // the system has a bound of its own
        socket_.set_option(boost::asio::socket_base::receive_buffer_size{4 << 20}, ignored);
        socket_.bind(at);
        socket_.non_blocking(true);
    }

    void begin() {
        boost::asio::co_spawn(io_, read(), boost::asio::detached);
        thread_ = std::thread{[this] { io_.run(); }};
    }

    boost::asio::awaitable<void> read() {
        constexpr auto token = boost::asio::as_tuple(boost::asio::use_awaitable);
        while (!is_ending_) {
            auto [error, n] = co_await socket_.async_receive(boost::asio::buffer(block_), token);
            if (!error) {
                take({block_.data(), n});
            }
        }
        for (boost::system::error_code error; !error;) {
            const std::size_t n = socket_.receive(boost::asio::buffer(block_), 0, error);
            if (!error) {
                take({block_.data(), n});
            }
        }
    }

    void take(std::string_view datagram) {
        std::string begun;
        lines_.take(datagram, begun);
        lines_.count([&](tally& t) {
            ++t.datagrams;
            t.bytes += datagram.size();
            t.torn_tails += begun.empty() ? 0U : 1U;
        });
    }

    counted_lines<OnLine> lines_;
    boost::asio::io_context io_{1};
    protocol::socket socket_{io_};
    std::array<char, 65'536> block_{};
    bool is_ending_ = false;
    std::uint16_t port_ = 0;
    std::string path_;
    std::thread thread_;  // last: it uses everything above
};

}  // namespace receiver
