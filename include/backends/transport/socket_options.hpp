// SPDX-License-Identifier: BSL-1.0
//
// The settings of one TCP socket, some of them on Linux only. Other systems ignore those, and
// cannot count unacknowledged bytes.
#pragma once

#include <backends/core/errors.hpp>
#include <backends/core/evidence.hpp>
#include <backends/core/extremes.hpp>
#include <backends/core/joined.hpp>
#include <backends/core/raise.hpp>
#include <backends/core/time.hpp>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#if defined(__linux__)
#include <linux/sockios.h>
#endif

namespace backends::inline BACKENDS_ISA {

/// Settings of a TCP socket. A system skips the settings that it lacks; the transport's constructor
/// refuses a value that the kernel would not take, with a config_error.
struct tcp_options {
    /// Sends a batch's last segment at once.
    bool no_delay = true;

    /// The socket counts as writable only below this many bytes not yet sent (TCP_NOTSENT_LOWAT).
    /// Keeps megabytes of lines out of the kernel, where nothing can save them if the peer dies.
    /// 0 leaves the system's setting.
    int not_sent_low_water = 16 * 1024;

    /// The kernel gives a connection up when sent bytes stay unacknowledged this long
    /// (TCP_USER_TIMEOUT). That also ends connections to a living peer that does not read, so keep
    /// it above delivery's stall time-out. Empty: that time-out plus a quarter. 0: the system's
    /// setting; otherwise 1 ms to 24 days.
    std::optional<nanoseconds> user_timeout = {};

    /// The kernel probes an idle connection after this long, and again every keep_alive_interval;
    /// it gives the connection up after keep_alive_probes without an answer. 0 turns probing off.
    /// The times are up to 32767 s, the probes 1 to 127.
    seconds keep_alive_idle{30};
    seconds keep_alive_interval{10};  ///< between two probes
    int keep_alive_probes = 3;        ///< without an answer, until the connection is given up

    /// SO_SNDBUF in bytes; 0 leaves the system's own sizing, which measured best.
    int send_buffer = 0;
};

namespace detail {

/// @throws config_error for the first option that the kernel would not take
inline const tcp_options& checked(const tcp_options& options) {
    const auto require = [](bool good, std::string_view key, std::int64_t value,
                            std::string_view unit, std::string_view why) {
        if (!good) {
            refuse(key, joined({number_text(value), unit}), why);
        }
    };
    const auto up_to = [](std::int64_t value, std::int64_t least, std::int64_t most) {
        return value >= least && value <= most;
    };
    constexpr std::int64_t max_seconds = 32'767;
    constexpr std::int64_t millisecond = 1'000'000;
    constexpr std::int64_t longest_patience = (std::numeric_limits<int>::max)() * millisecond;
    require(options.not_sent_low_water >= 0, "not_sent_low_water", options.not_sent_low_water, "",
            "must be 0 to 2147483647 bytes");
    const std::int64_t patience = options.user_timeout.value_or(nanoseconds{}).value;
    require(patience == 0 || up_to(patience, millisecond, longest_patience), "user_timeout",
            patience, " ns", "must be 1 to 2147483647 milliseconds, or 0");
    require(up_to(options.keep_alive_idle.value, 0, max_seconds), "keep_alive_idle",
            options.keep_alive_idle.value, " s", "must be 0 to 32767 seconds");
    require(up_to(options.keep_alive_interval.value, 1, max_seconds), "keep_alive_interval",
            options.keep_alive_interval.value, " s", "must be 1 to 32767 seconds");
    require(up_to(options.keep_alive_probes, 1, 127), "keep_alive_probes",
            options.keep_alive_probes, "", "must be 1 to 127");
    require(options.send_buffer >= 0, "send_buffer", options.send_buffer, "",
            "must be 0 to 2147483647 bytes");
    return options;
}

#if defined(SIOCOUTQ)
inline constexpr evidence socket_evidence = evidence::kernel;
#else
inline constexpr evidence socket_evidence = evidence::none;
#endif

/// Bytes written and not acknowledged by the peer's machine. Stays exact after a reset, as long as
/// the socket is open; a sent end of stream counts as one byte until it is acknowledged.
inline std::optional<std::size_t> unacknowledged(int socket) noexcept {
#if defined(SIOCOUTQ)
    int bytes = 0;
    if (::ioctl(socket, SIOCOUTQ, &bytes) == 0 && bytes >= 0) {
        return static_cast<std::size_t>(bytes);
    }
#else
    static_cast<void>(socket);
#endif
    return std::nullopt;
}

/// The peer's last advertised window in bytes; the kernel tells it since Linux 5.4.
inline std::optional<std::size_t> peer_window(int socket) noexcept {
#if defined(__linux__) && defined(TCP_INFO)
    // The C library's struct tcp_info ends before this field, and the kernel's own header conflicts
    // with it. The kernel only ever appends to the struct, so the offset is fixed.
    constexpr std::size_t place_of_send_window = 228;
    std::array<std::byte, place_of_send_window + sizeof(std::uint32_t)> info{};
    auto size = static_cast<socklen_t>(info.size());
    if (::getsockopt(socket, IPPROTO_TCP, TCP_INFO, info.data(), &size) == 0 &&
        size == info.size()) {
        std::uint32_t window = 0;
        std::memcpy(&window, info.data() + place_of_send_window, sizeof window);
        return window;
    }
#else
    static_cast<void>(socket);
#endif
    return std::nullopt;
}

/// Opens a socket that never blocks and that no child process inherits: a child would hold back our
/// end of stream for as long as it lives. Returns -1 and sets errno.
inline int open_tcp_socket(int family) noexcept {
#if defined(SOCK_CLOEXEC) && defined(SOCK_NONBLOCK)
    return ::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);
#else
    const int s = ::socket(family, SOCK_STREAM, IPPROTO_TCP);
    if (s >= 0) {
        ::fcntl(s, F_SETFD, FD_CLOEXEC);
        ::fcntl(s, F_SETFL, O_NONBLOCK);
    }
    return s;
#endif
}

inline void set(int socket, int level, int name, int value) noexcept {
    ::setsockopt(socket, level, name, &value,
                 sizeof value);  // a wish: the connection works without
}

/// In milliseconds, the system's unit; 0: the system's setting.
inline int user_timeout(const tcp_options& options, nanoseconds stall_timeout) noexcept {
    constexpr std::int64_t most = (std::numeric_limits<int>::max)();
    const std::int64_t stall = stall_timeout.value / 1'000'000;
    return static_cast<int>(detail::smaller(
        most, options.user_timeout ? options.user_timeout->value / 1'000'000 : stall + stall / 4));
}

/// @param stall_timeout  delivery gives up a connection without progress after it; 0: never
inline void apply(const tcp_options& options, nanoseconds stall_timeout, int socket) noexcept {
    set(socket, IPPROTO_TCP, TCP_NODELAY, options.no_delay ? 1 : 0);
    if (options.send_buffer > 0) {
        set(socket, SOL_SOCKET, SO_SNDBUF, options.send_buffer);
    }
#if defined(SO_NOSIGPIPE)
    set(socket, SOL_SOCKET, SO_NOSIGPIPE, 1);
#endif
#if defined(TCP_NOTSENT_LOWAT)
    if (options.not_sent_low_water > 0) {
        set(socket, IPPROTO_TCP, TCP_NOTSENT_LOWAT, options.not_sent_low_water);
    }
#endif
#if defined(TCP_USER_TIMEOUT)
    if (const int time = user_timeout(options, stall_timeout); time > 0) {
        set(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, time);
    }
#endif
#if defined(TCP_KEEPIDLE)
    if (options.keep_alive_idle.value > 0) {
        set(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
        set(socket, IPPROTO_TCP, TCP_KEEPIDLE, static_cast<int>(options.keep_alive_idle.value));
        set(socket, IPPROTO_TCP, TCP_KEEPINTVL,
            static_cast<int>(options.keep_alive_interval.value));
        set(socket, IPPROTO_TCP, TCP_KEEPCNT, options.keep_alive_probes);
    }
#endif
}

/// For send(): a lost connection gives an error, not a signal that ends the program.
#if defined(MSG_NOSIGNAL)
inline constexpr int no_signal = MSG_NOSIGNAL;
#else
inline constexpr int no_signal = 0;  // the socket has SO_NOSIGPIPE instead
#endif

/// For send(): more bytes follow at once.
#if defined(MSG_MORE)
inline constexpr int more_follows = MSG_MORE;
#else
inline constexpr int more_follows = 0;
#endif

/// send() of two pieces in a row.
inline ssize_t send_pieces(int socket, std::span<const char> first, std::span<const char> second,
                           bool more) noexcept {
    const auto piece = [](std::span<const char> bytes) {
        return iovec{const_cast<char*>(bytes.data()), bytes.size()};
    };
    std::array<iovec, 2> pieces{piece(first), piece(second)};
    msghdr message{};
    message.msg_iov = pieces.data();
    message.msg_iovlen = pieces.size();
    return ::sendmsg(socket, &message, no_signal | (more ? more_follows : 0));
}

/// The socket's error since the last question: 0, or an errno.
inline int pending_error(int socket) noexcept {
    int error = 0;
    socklen_t size = sizeof error;
    return ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

/// Makes close() end the connection at once, with a reset.
inline void reset_when_closed(int socket) noexcept {
    const linger at_once{1, 0};
    ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

/// Binds the socket to a network interface, given by its name or, if none has that name, its
/// number. False with errno set when the system refuses.
inline bool bind_to_interface(int socket, const std::string& name) noexcept {
#if defined(SO_BINDTODEVICE)
    std::array<char, IF_NAMESIZE> of_number{};
    const char* device = name.c_str();
    unsigned number = 0;
    const char* const end = name.data() + name.size();
    if (const auto [stop, error] = std::from_chars(name.data(), end, number);
        ::if_nametoindex(device) == 0 && error == std::errc{} && stop == end) {
        device = ::if_indextoname(number, of_number.data());
        if (device == nullptr) {
            return false;
        }
    }
    return ::setsockopt(socket, SOL_SOCKET, SO_BINDTODEVICE, device,
                        static_cast<socklen_t>(std::strlen(device))) == 0;
#else
    errno = ENOTSUP;
    return name.empty();
#endif
}

}  // namespace detail
}  // namespace backends
