// SPDX-License-Identifier: BSL-1.0
//
// TLS on another transport, by OpenSSL without sockets of its own. A program that includes this
// links ssl and crypto.
#pragma once

#include <backends/core/errors.hpp>
#include <backends/core/evidence.hpp>
#include <backends/transport/tls_context.hpp>
#include <backends/transport/tls_marks.hpp>
#include <backends/transport/tls_outlet.hpp>
#include <backends/transport/transport.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <utility>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace backends::inline BACKENDS_ISA {

namespace detail {

inline constexpr std::size_t tls_record = 16'384;  ///< plain bytes of a record of TLS, at most

/// Of both pieces, the bytes of the next record from `at` on. They stay where they are, unless both
/// pieces have some: then they are joined in `room`, since a record of a head alone costs more.
inline std::span<const char> record_at(std::size_t at, std::span<const char> first,
                                       std::span<const char> second,
                                       std::span<char, tls_record> room) noexcept {
    const auto most = [](std::span<const char> bytes, std::size_t n) {
        return bytes.first((std::min)(bytes.size(), n));
    };
    if (at >= first.size()) {
        return most(second.subspan(at - first.size()), tls_record);
    }
    const std::span<const char> begin = most(first.subspan(at), tls_record);
    const std::span<const char> rest = most(second, tls_record - begin.size());
    if (rest.empty()) {
        return begin;
    }
    std::copy(rest.begin(), rest.end(), std::copy(begin.begin(), begin.end(), room.begin()));
    return room.first(begin.size() + rest.size());
}

/// All of tls but its waiting.
template <class Next>
class tls_stream : public Next {
public:
    static constexpr evidence proves = Next::proves;
    static constexpr bool encrypts = true;  // so that HTTP above is https

    explicit tls_stream(const tls_options& options, Next next)
        : Next{std::move(next)}, context_{options}, name_{options.server_name} {}

    void resolve(const destination& where) {
        host_ = name_.empty() ? where.host : name_;
        Next::resolve(where);
    }

    void connect(std::size_t index) {
        close();
        ssl_.reset(context_.connection(host_));
        wire_.start();
        out_ = sink::make();
        in_ = ::BIO_new(::BIO_s_mem());
        ::SSL_set_bio(ssl_.get(), in_, out_);  // which owns both
        is_shaking_ = true;
        Next::connect(index);
    }
    io_result connected() {
        if (!is_shaking_) {
            return failed() ? io_result{0, wire_.failure()} : Next::connected();
        }
        if (const io_result below = Next::connected(); below.error) {
            return below;
        }
        while (true) {
            const int done = ::SSL_do_handshake(ready());
            const std::error_code error = context_.error_of(ssl_.get(), done);
            flush();
            if (done == 1) {
                is_shaking_ = false;
                return failed() ? io_result{0, wire_.failure()} : io_result{};
            }
            if (error && !(error == errc::would_block)) {
                return {0, error};
            }
            const io_result got = receive();
            if (got.error) {
                return failed() && got.would_block() ? io_result{0, wire_.failure()} : got;
            }
        }
    }

    /// Takes bytes when the earlier ones have left.
    io_result write_some(std::span<const char> bytes) noexcept {
        return write_pieces(bytes, {}, false);
    }
    /// See gathering_transport.
    io_result write_pieces(std::span<const char> first, std::span<const char> second,
                           bool more) noexcept {
        flush();
        if (failed()) {
            return {0, wire_.failure()};
        }
        if (has_bytes()) {
            return io_result::pending();
        }
        std::array<char, tls_record> joined;
        std::size_t taken = 0;
        std::error_code why = errc::would_block;
        const std::size_t all = first.size() + second.size();
        while (taken != all && wire_.make_room(below())) {
            const std::span<const char> record = record_at(taken, first, second, joined);
            const int done = ::SSL_write(ready(), record.data(), static_cast<int>(record.size()));
            if (done <= 0) {
                why = error_of(done);
                break;
            }
            marks_.wrote(static_cast<std::size_t>(done), wire_.made());
            taken += static_cast<std::size_t>(done);
        }
        flush(more);
        return taken == 0 ? io_result{0, why} : io_result{taken, {}};
    }

    io_result read_some(std::span<char> room) noexcept {
        flush();
        while (true) {
            const int n = ::SSL_read(ready(), room.data(), static_cast<int>(room.size()));
            flush();  // an answer to the peer's keys
            if (n > 0) {
                return {static_cast<std::size_t>(n), {}};
            }
            const std::error_code error = error_of(n);
            if (!(error == errc::would_block)) {
                return {0, error};
            }
            const io_result got = receive();
            if (got.error == errc::end_of_stream && is_ending_) {
                return {0, tls_error(tls_cut_off)};  // anyone on the way can end a TCP connection
            }
            if (got.error) {
                return failed() && got.would_block() ? io_result{0, wire_.failure()} : got;
            }
        }
    }

    /// See holding_transport.
    [[nodiscard]] bool has_bytes() const noexcept { return wire_.waiting() != 0; }
    /// Of the bytes given to write_some(), those whose encrypted form the transport below does not
    /// count as acknowledged.
    [[nodiscard]] std::optional<std::size_t> unacknowledged() const noexcept {
        const auto below = Next::unacknowledged();
        if (!below || ssl_ == nullptr) {
            return std::nullopt;
        }
        return marks_.unacknowledged(*below + wire_.waiting(), wire_.made());
    }

    /// Says so in TLS, and below when that has left.
    void half_close() noexcept {
        is_ending_ = true;
        ::SSL_shutdown(ready());
        flush();
    }
    void close() noexcept {
        forget();
        Next::close();
    }
    void abort() noexcept {
        forget();
        Next::abort();
    }

protected:
    [[nodiscard]] bool waits_for_answer() const noexcept { return is_shaking_; }

private:
    using sink = tls_sink<tls_stream>;
    friend sink;

    struct end {
        void operator()(SSL* s) const noexcept { ::SSL_free(s); }
    };

    void forget() noexcept {
        ssl_.reset();
        in_ = out_ = nullptr;
        marks_ = {};
        wire_.forget();
        is_shaking_ = is_ending_ = has_ended_ = false;
    }

    [[nodiscard]] bool failed() const noexcept { return static_cast<bool>(wire_.failure()); }
    /// Why a call of OpenSSL's did not work: it does not know what its BIO lacked.
    [[nodiscard]] std::error_code error_of(int done) noexcept {
        const std::error_code error = context_.error_of(ssl_.get(), done);
        return error || !failed() ? error : wire_.failure();
    }
    /// For a call that may write: this object may have moved.
    [[nodiscard]] SSL* ready() noexcept {
        if (::ERR_peek_error() != 0) {
            ::ERR_clear_error();
        }
        if (out_ != nullptr) {
            ::BIO_set_data(out_, this);
        }
        return ssl_.get();
    }
    /// Encrypted bytes, from OpenSSL.
    bool put_out(std::span<const char> bytes) noexcept { return wire_.put(bytes); }

    /// Moves encrypted bytes to the transport below, as far as it takes them.
    void flush(bool more = false) noexcept {
        wire_.flush(below(), more);
        if (is_ending_ && !failed() && !has_bytes() && !std::exchange(has_ended_, true)) {
            Next::half_close();
        }
    }
    [[nodiscard]] Next& below() noexcept { return *this; }
    io_result receive() noexcept {
        std::array<char, tls_record> room;
        const io_result got = Next::read_some(room);
        if (got.count != 0) {
            ::BIO_write(in_, room.data(), static_cast<int>(got.count));
        }
        return got;
    }

    tls_context context_;
    std::string name_;
    std::string host_;
    std::unique_ptr<SSL, end> ssl_;
    BIO* in_ = nullptr;   // ssl_'s
    BIO* out_ = nullptr;  // ssl_'s
    tls_marks marks_;
    tls_outlet wire_;
    bool is_shaking_ = false;
    bool is_ending_ = false;
    bool has_ended_ = false;
};

}  // namespace detail

/// Encrypts what it sends on another transport, such as tcp.
///
/// @tparam Next  the transport below
///
/// The receiver's certificate must have its name and lead to a trusted one; a failure is told in
/// words: expired, another name, an unknown issuer. An acknowledgement proves what it proves
/// below. OpenSSL allocates as it likes, mostly at a connection.
///
/// Not thread-safe, but for what is so in Next.
template <transport Next>
class tls : public detail::tls_stream<Next> {
public:
    /// Throws config_error for a file that cannot be used.
    explicit tls(const tls_options& options = {}, Next next = Next{})
        : detail::tls_stream<Next>{options, std::move(next)} {}
};

/// On a transport that waits.
template <waiting_transport Next>
class tls<Next> : public detail::tls_stream<Next> {
public:
    /// Throws config_error for a file that cannot be used.
    explicit tls(const tls_options& options = {}, Next next = Next{})
        : detail::tls_stream<Next>{options, std::move(next)} {}

    /// Waits for the peer's greeting too, and for room only while bytes wait for it.
    void arm(bool readable, bool writable, instant until) {
        Next::arm(readable || this->waits_for_answer(), writable || this->has_bytes(), until);
    }
};

}  // namespace backends
