// SPDX-License-Identifier: BSL-1.0
//
// The transport to a receiver on the same machine: a stream socket with a path. Models
// waiting_transport.
#pragma once

#include <backends/core/errors.hpp>
#include <backends/core/extremes.hpp>
#include <backends/core/time.hpp>
#include <backends/transport/reactor.hpp>
#include <backends/transport/scheme.hpp>
#include <backends/transport/socket_options.hpp>
#include <backends/transport/transport.hpp>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace backends::inline BACKENDS_ISA {

/// Destinations are `unix:/PATH`, or a path alone. Not thread-safe except for wake(). On the user's
/// executor as basic_tcp is.
///
/// A byte is acknowledged when the receiver's program has read it. The kernel counts memory, which
/// is more than the bytes: a line is confirmed a little late, never too early.
class unix_stream : public reactor {
public:
    /// Whether the system tells what was not read.
    static constexpr evidence proves = detail::socket_evidence;
    /// `unix:/PATH`.
    static constexpr std::array<scheme, 1> schemes{{{"unix", 0, &path_alone}}};

    /// For start() and poll(). Throws std::system_error when no file descriptor is left.
    unix_stream() = default;
    /// For async_run(), on this executor: include <backends/transport/executor.hpp> too.
    template <class Executor>
        requires(!std::is_base_of_v<unix_stream, Executor>)
    explicit unix_stream(Executor executor) : reactor{std::move(executor)} {}

    unix_stream(unix_stream&& other) noexcept
        : reactor{std::move(other)},
          path_{std::move(other.path_)},
          connected_{other.connected_},
          written_{other.written_},
          fd_{std::exchange(other.fd_, -1)} {}
    unix_stream& operator=(unix_stream&&) = delete;
    /// In a fork's child it leaves everything as it is: the parent shares the connection.
    ~unix_stream() {
        if (!in_child()) {
            close();
        }
    }

    // transport

    /// Keeps the path: there is nothing to look up.
    void resolve(const destination& where) { path_ = where.host; }
    /// One endpoint, at once.
    static io_result resolved() noexcept { return {1, {}}; }

    /// Connects at once, or fails. Closes an earlier connection.
    void connect(std::size_t) noexcept {
        close();
        sockaddr_un to{};
        to.sun_family = AF_UNIX;
        if (path_.empty() || path_.size() >= sizeof to.sun_path) {
            connected_ = {0, make_error_code(errc::no_address)};
            return;
        }
        std::memcpy(to.sun_path, path_.data(), path_.size());
        fd_ = ::socket(AF_UNIX, SOCK_STREAM, 0);
        if (fd_ < 0) {
            connected_ = failed();
            return;
        }
        ::fcntl(fd_, F_SETFD, FD_CLOEXEC);
        ::fcntl(fd_, F_SETFL, O_NONBLOCK);
        // A full backlog is an error at once (EAGAIN): no event would tell of room in it.
        if (::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
            const io_result why = failed();
            close();
            connected_ = why;
        } else {
            connected_ = {};
        }
    }
    /// Success or an error, never pending.
    io_result connected() const noexcept { return connected_; }

    /// Writes as many of the bytes as the receiver's queue takes.
    io_result write_some(std::span<const char> bytes) noexcept {
        const io_result done = moved([bytes](int socket) {
            return ::send(socket, bytes.data(), bytes.size(), detail::no_signal);
        });
        written_ += done.count;
        return done;
    }
    /// See gathering_transport.
    io_result write_pieces(std::span<const char> first, std::span<const char> second,
                           bool more) noexcept {
        const io_result done =
            moved([=](int socket) { return detail::send_pieces(socket, first, second, more); });
        written_ += done.count;
        return done;
    }
    /// Reads what the receiver says.
    io_result read_some(std::span<char> room) noexcept {
        const io_result done =
            moved([room](int socket) { return ::recv(socket, room.data(), room.size(), 0); });
        return done.count == 0 && !done.error ? io_result{0, errc::end_of_stream} : done;
    }

    /// An upper bound of the bytes that the receiver's program has not read.
    [[nodiscard]] std::optional<std::size_t> unacknowledged() const noexcept {
        const auto memory = fd_ < 0 ? std::nullopt : detail::unacknowledged(fd_);
        return memory ? std::optional{detail::smaller(*memory, written_)} : std::nullopt;
    }

    /// Ends our direction.
    void half_close() noexcept { ::shutdown(fd_, SHUT_WR); }
    /// Gives the connection up; what was written can still be read.
    void close() noexcept {
        connected_ = {0, make_error_code(errc::end_of_stream)};
        written_ = 0;
        if (const int open = std::exchange(fd_, -1); open >= 0) {
            unwatch();
            ::close(open);
        }
    }
    /// The same as close(): what was written has arrived.
    void abort() noexcept { close(); }

    // waiting_transport; the reactor has the rest

    /// See waiting_transport.
    void arm(bool readable, bool writable, instant until) { watch(fd_, readable, writable, until); }

    /// Gives the connection up as well.
    void finish(std::error_code error) noexcept {
        close();
        reactor::finish(error);
    }

private:
    static io_result failed() noexcept {
        return {0, errno == EAGAIN ? std::make_error_code(std::errc::connection_refused)
                                   : std::error_code{errno, std::system_category()}};
    }

    template <class Call>
    io_result moved(Call call) const noexcept {
        for (;;) {
            const auto n = call(fd_);
            if (n >= 0) {
                return {static_cast<std::size_t>(n), {}};
            }
            if (errno == EAGAIN || errno == EWOULDBLOCK) {
                return io_result::pending();
            }
            if (errno != EINTR) {
                return failed();
            }
        }
    }

    std::string path_;
    io_result connected_ = {0, make_error_code(errc::end_of_stream)};
    std::size_t written_ = 0;  // on this connection
    int fd_ = -1;
};

}  // namespace backends
