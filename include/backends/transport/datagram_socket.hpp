// SPDX-License-Identifier: BSL-1.0
//
// A socket that sends datagrams of whole lines, and what the transports over one have in common. It
// never blocks, and allocates at construction only.
#pragma once

#include <backends/core/errors.hpp>
#include <backends/core/extremes.hpp>
#include <backends/core/joined.hpp>
#include <backends/core/raise.hpp>
#include <backends/core/time.hpp>
#include <backends/transport/reactor.hpp>
#include <backends/transport/socket_options.hpp>
#include <backends/transport/transport.hpp>

#include <array>
#include <cerrno>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

namespace backends::inline BACKENDS_ISA::detail {

/// Has no destructor: in a fork's child the socket stays as it is.
class datagram_socket {
public:
    /// @param most  bytes of a datagram; throws config_error for a number that cannot work
    explicit datagram_socket(std::size_t most) : most_{most}, limit_{most} {
        if (most < 512 || most > 65'507) {
            refuse("datagram_bytes", number_text(most), "must be 512 to 65507 bytes");
        }
        start_.reserve(most);
    }
    datagram_socket(datagram_socket&& other) noexcept
        : most_{other.most_},
          limit_{other.limit_},
          adds_{other.adds_},
          start_{std::move(other.start_)},
          connected_{other.connected_},
          fd_{std::exchange(other.fd_, -1)},
          is_full_{other.is_full_},
          has_ended_{other.has_ended_} {}
    datagram_socket& operator=(datagram_socket&&) = delete;

    [[nodiscard]] int descriptor() const noexcept { return fd_; }  ///< -1 when it is closed
    [[nodiscard]] std::size_t most() const noexcept { return most_; }
    [[nodiscard]] io_result connected() const noexcept { return connected_; }
    void keep_together(bool (*adds)(std::string_view) noexcept) noexcept { adds_ = adds; }

    /// Opens a socket of that family. Precondition: it is closed.
    void open(int family) noexcept {
        fd_ = ::socket(family, SOCK_DGRAM, 0);
        if (fd_ >= 0) {
            ::fcntl(fd_, F_SETFD, FD_CLOEXEC);
            ::fcntl(fd_, F_SETFL, O_NONBLOCK);
        }
    }
    /// Gives it its peer: that takes no time, and asks nobody.
    void connect(const sockaddr* to, socklen_t size) noexcept {
        if (fd_ < 0 || ::connect(fd_, to, size) != 0) {
            fail(last_error());
        } else {
            connected_ = {};
        }
    }
    void fail(std::error_code why) noexcept {
        close();
        connected_ = {0, why};
    }

    /// Sends one datagram of as many of the lines as it holds.
    io_result write(std::string_view bytes) noexcept {
        is_full_ = false;
        for (;;) {
            const std::size_t n = fitting(bytes);
            if (n == 0) {
                return bytes.empty() ? io_result{} : take_start(bytes);
            }
            if (sends(bytes.substr(0, n))) {
                start_.clear();
                return {n, {}};
            }
            if (errno == EMSGSIZE) {
                limit_ = (start_.size() + n) / 2;  // the system takes fewer bytes than we may send
            } else if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS) {
                is_full_ = errno == ENOBUFS;
                return io_result::pending();
            } else if (errno != EINTR) {
                return {0, last_error()};
            }
        }
    }
    /// Whether the last write found the system without memory: no event tells when there is some.
    [[nodiscard]] bool is_full() const noexcept { return is_full_; }

    /// An empty datagram is no end of stream: that comes after end().
    io_result read(std::span<char> room) const noexcept {
        while (!has_ended_) {
            const auto n = ::recv(fd_, room.data(), room.size(), 0);
            if (n > 0) {
                return {static_cast<std::size_t>(n), {}};
            }
            if (n == 0 || errno == EAGAIN || errno == EWOULDBLOCK) {
                return io_result::pending();
            }
            if (errno != EINTR) {
                return {0, last_error()};
            }
        }
        return {0, make_error_code(errc::end_of_stream)};
    }
    /// Nothing follows: a receiver of datagrams has no end of its own to wait for.
    void end() noexcept { has_ended_ = true; }

    void close() noexcept {
        connected_ = {0, make_error_code(errc::end_of_stream)};
        limit_ = most_;
        is_full_ = has_ended_ = false;
        start_.clear();
        if (const int open = std::exchange(fd_, -1); open >= 0) {
            ::close(open);
        }
    }

private:
    static std::error_code last_error() noexcept { return {errno, std::system_category()}; }

    /// Bytes of the whole lines that go into one datagram, after the start of the first.
    [[nodiscard]] std::size_t fitting(std::string_view bytes) const noexcept {
        const std::size_t room = limit_ - detail::smaller(limit_, start_.size());
        const std::size_t most = bytes.substr(0, room).rfind('\n') + 1;
        std::size_t n = most;
        while (adds_ != nullptr && n != 0 && n != bytes.size()) {
            const std::string_view next = bytes.substr(n);
            if (!adds_(next.substr(0, next.find('\n') + 1))) {
                return n;
            }
            n = n < 2 ? 0 : bytes.rfind('\n', n - 2) + 1;
        }
        return n == 0 ? most : n;
    }

    bool sends(std::string_view lines) noexcept {
        std::array<iovec, 2> parts{
            {{start_.data(), start_.size()}, {const_cast<char*>(lines.data()), lines.size()}}};
        msghdr message{};
        message.msg_iov = parts.data();
        message.msg_iovlen = parts.size();
        return ::sendmsg(fd_, &message, no_signal) >= 0;
    }

    /// Keeps the start of a line whose rest lies elsewhere. One that no datagram holds is begun, so
    /// that the delivery machine knows it, and then an error.
    io_result take_start(std::string_view bytes) noexcept {
        const bool ends_elsewhere = bytes.find('\n') == std::string_view::npos;
        if (ends_elsewhere && start_.size() + bytes.size() < limit_) {
            start_ += bytes;
            return {bytes.size(), {}};
        }
        if (!start_.empty()) {
            return {0, std::make_error_code(std::errc::message_size)};
        }
        start_ = bytes.substr(0, 1);
        return {1, {}};
    }

    std::size_t most_;
    std::size_t limit_;  // of this connection: the system may take fewer
    bool (*adds_)(std::string_view) noexcept = nullptr;
    std::string start_;  // of the next line, which was taken
    io_result connected_ = {0, make_error_code(errc::end_of_stream)};
    int fd_ = -1;
    bool is_full_ = false;
    bool has_ended_ = false;
};

/// The calls that all transports over datagrams share.
class datagram_transport : public reactor {
public:
    /// Nobody acknowledges a datagram.
    static constexpr evidence proves = evidence::none;
    /// Settings give it the formats that go in datagrams (wire_format.hpp).
    static constexpr bool in_datagrams = true;

    /// Success or an error, never pending.
    [[nodiscard]] io_result connected() const noexcept { return socket_.connected(); }

    /// Sends one datagram: whole lines, as many as it holds. A line longer than a datagram is
    /// std::errc::message_size.
    io_result write_some(std::span<const char> bytes) noexcept {
        return socket_.write({bytes.data(), bytes.size()});
    }
    /// Reads a datagram that the receiver has sent. An error may be an earlier datagram's: nobody
    /// was there, and it is lost.
    io_result read_some(std::span<char> room) noexcept { return socket_.read(room); }

    /// Nothing: nobody knows.
    [[nodiscard]] std::optional<std::size_t> unacknowledged() const noexcept { return {}; }

    /// The next read gives errc::end_of_stream: the receiver has nothing to end.
    void half_close() noexcept {
        socket_.end();
        wake();
    }
    /// What was sent may still arrive.
    void close() noexcept {
        if (socket_.descriptor() >= 0) {
            unwatch();
        }
        socket_.close();
    }
    /// The same as close(): a datagram on its way cannot be taken back.
    void abort() noexcept { close(); }

    /// The bytes of a datagram.
    [[nodiscard]] std::size_t longest_line() const noexcept { return socket_.most(); }
    /// A line for which `adds` is true travels in its predecessor's datagram, if one holds both.
    void keep_together(bool (*adds)(std::string_view) noexcept) noexcept {
        socket_.keep_together(adds);
    }

    /// See waiting_transport.
    void arm(bool readable, bool writable, instant until) {
        if (writable && socket_.is_full()) {
            full_for_ = detail::smaller(full_for_ + full_for_, longest_look);
            writable = false;
            until = detail::smaller(until, monotonic_now() + full_for_);
        } else {
            full_for_ = shortest_look;
        }
        watch(socket_.descriptor(), readable, writable, until);
    }

    /// Gives the connection up as well.
    void finish(std::error_code error) noexcept {
        close();
        reactor::finish(error);
    }

protected:
    explicit datagram_transport(std::size_t most) : socket_{most} {}
    template <class Executor>
    datagram_transport(Executor executor, std::size_t most)
        : reactor{std::move(executor)}, socket_{most} {}
    datagram_transport(datagram_transport&&) noexcept = default;
    datagram_transport& operator=(datagram_transport&&) = delete;
    ~datagram_transport() = default;

    /// Its socket, which the derived transport connects.
    [[nodiscard]] datagram_socket& socket() noexcept { return socket_; }

private:
    static constexpr nanoseconds shortest_look{1'000'000};
    static constexpr nanoseconds longest_look{64'000'000};

    datagram_socket socket_;
    nanoseconds full_for_ = shortest_look;  // how long until the next look for room
};

}  // namespace backends::detail
