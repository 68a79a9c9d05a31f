// SPDX-License-Identifier: BSL-1.0
//
// One TCP connection of the tcp transport: the system's socket, which never blocks.
#pragma once

#include <backends/core/errors.hpp>
#include <backends/core/extremes.hpp>
#include <backends/core/time.hpp>
#include <backends/transport/endpoint.hpp>
#include <backends/transport/socket_options.hpp>
#include <backends/transport/transport.hpp>

#include <cerrno>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace backends::inline BACKENDS_ISA::detail {

/// Has no destructor: in a fork's child the socket stays as it is.
class tcp_socket {
public:
    /// Throws config_error for an option that cannot work.
    explicit tcp_socket(const tcp_options& options) : options_{checked(options)} {}
    tcp_socket(tcp_socket&& other) noexcept
        : options_{other.options_},
          stall_timeout_{other.stall_timeout_},
          connected_{other.connected_},
          widest_window_{other.widest_window_},
          fd_{std::exchange(other.fd_, -1)} {}
    tcp_socket& operator=(tcp_socket&&) = delete;

    /// Its file descriptor; -1 when it is closed.
    [[nodiscard]] int descriptor() const noexcept { return fd_; }
    [[nodiscard]] bool is_open() const noexcept { return fd_ >= 0; }
    [[nodiscard]] bool is_connecting() const noexcept { return connected_.would_block(); }

    void stall_timeout(nanoseconds time) noexcept { stall_timeout_ = time; }

    /// Begins to connect. Precondition: it is closed.
    [[gnu::noinline]] void connect(const tcp_endpoint& to, const std::string& interface_name) {
        fd_ = open_tcp_socket(to.family());
        if (fd_ < 0) {
            refuse(last_error());
            return;
        }
        apply(options_, stall_timeout_, fd_);
        if ((!interface_name.empty() && !bind_to_interface(fd_, interface_name)) ||
            (::connect(fd_, to.data(), to.size()) != 0 && errno != EINPROGRESS && errno != EINTR)) {
            refuse(last_error());
            return;
        }
        connected_ = io_result::pending();
    }
    void refuse(std::error_code error) noexcept {
        close();
        connected_ = {0, error};
    }

    /// Pending, an error, or success.
    [[gnu::noinline]] io_result connected() noexcept {
        if (is_connecting()) {
            pollfd one{fd_, POLLOUT, 0};
            if (::poll(&one, 1, 0) == 0) {
                return connected_;
            }
            const int error = pending_error(fd_);
            connected_ = {
                0, error != 0 ? std::error_code{error, std::system_category()} : check_ends()};
        }
        return connected_;
    }

    [[gnu::noinline]] void close() noexcept {
        widest_window_ = widest_room_ = room_ = 0;
        is_idle_ = is_full_ = false;
        connected_ = {0, make_error_code(errc::end_of_stream)};
        if (const int open = std::exchange(fd_, -1); open >= 0) {
            ::close(open);  // nothing can be done for a socket that fails to close
        }
    }
    /// Takes back the bytes that the peer's machine does not have: after an ordinary close, the
    /// kernel would go on sending them, and end them with an ordinary end of stream.
    void abort() noexcept {
        reset_when_closed(fd_);
        close();
    }

    /// How many of these bytes to write now: whole lines that the peer's machine has room for. Its
    /// program then reads no half line when it goes on after the connection was reset. (A lost
    /// segment may cut one all the same, and so may a line longer than half of the widest window.)
    [[nodiscard]] std::size_t fitting(std::span<const char> bytes) noexcept {
        if (bytes.size() + longest_rest > room_) {
            measure_room();
        }
        const std::string_view text{bytes.data(), detail::smaller(bytes.size(), room_)};
        std::size_t n = text.rfind('\n') + 1;
        if (n == 0 && text.size() == bytes.size() && room_ - text.size() >= longest_rest) {
            n = bytes.size();  // the beginning of a line whose rest lies elsewhere
        }
        if (n == 0 && is_idle_) {
            const std::size_t end = std::string_view{bytes.data(), bytes.size()}.find('\n');
            n = end == std::string_view::npos ? bytes.size() : end + 1;
        }
        is_full_ = n == 0 && !bytes.empty();
        return n;
    }
    /// Whether the last write found no room: no event of the socket tells when there is some.
    [[nodiscard]] bool is_full() const noexcept { return is_full_; }
    void took(std::size_t n) noexcept {
        room_ -= detail::smaller(room_, n);
        is_idle_ = is_idle_ && n == 0;
    }

    /// The result of call(descriptor): bytes, or -1 and errno.
    template <class Call>
    io_result moved(Call call) const noexcept {
        for (;;) {
            const auto n = call(fd_);
            if (n >= 0) [[likely]] {
                return {static_cast<std::size_t>(n), {}};
            }
            if (errno == EAGAIN || errno == EWOULDBLOCK) {
                return io_result::pending();
            }
            if (errno != EINTR) {
                return {0, last_error()};
            }
        }
    }

    /// How far the peer's window has shrunk from the maximum of this connection, in bytes.
    [[nodiscard]] std::size_t window_deficit() noexcept {
        if (!is_open()) {
            return 0;
        }
        const std::size_t window = peer_window(fd_).value_or(0);
        widest_window_ = detail::larger(widest_window_, window);
        return widest_window_ - window;
    }

private:
    static constexpr std::size_t unlimited = (std::numeric_limits<std::size_t>::max)();
    /// A line that is longer may be cut.
    static constexpr std::size_t longest_rest = 8192;

    /// A peer that is almost full counts as full: kernels round their windows up, and would take a
    /// line at a time for ever.
    void measure_room() noexcept {
        const auto window = peer_window(fd_);
        const std::size_t on_their_way = unacknowledged(fd_).value_or(0);
        is_idle_ = on_their_way == 0;
        room_ = unlimited;
        if (window) {
            widest_room_ = detail::larger(widest_room_, *window);
            room_ = *window - detail::smaller(*window, on_their_way);
            if (room_ < detail::smaller(longest_rest, widest_room_ / 2)) {
                room_ = 0;
                is_idle_ = false;
            }
        }
    }

    static std::error_code last_error() noexcept { return {errno, std::system_category()}; }

    /// A connection to a port of our own machine that nobody listens on can meet itself: the system
    /// picks that very port for our side. It would echo and acknowledge every line.
    std::error_code check_ends() noexcept {
        tcp_endpoint here;
        tcp_endpoint there;
        if (!here.take(fd_, ::getsockname) || !there.take(fd_, ::getpeername)) {
            return last_error();
        }
        if (here != there) {
            return {};
        }
        // At once and with a reset: left open, or in TIME_WAIT, it would keep the receiver from its
        // port.
        abort();
        return errc::self_connected;
    }

    tcp_options options_;
    nanoseconds stall_timeout_{0};
    io_result connected_ = {0, make_error_code(errc::end_of_stream)};
    std::size_t widest_window_ = 0;
    std::size_t widest_room_ = 0;
    std::size_t room_ = 0;  // of the peer's window, at least
    int fd_ = -1;
    bool is_idle_ = false;  // nothing waits for an acknowledgement
    bool is_full_ = false;
};

}  // namespace backends::detail
