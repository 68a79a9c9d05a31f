// SPDX-License-Identifier: BSL-1.0
//
// The TCP transport: the system's sockets, which do not block, and a reactor that waits for them.
// Models waiting_transport.
#pragma once

#include <backends/core/extremes.hpp>
#include <backends/transport/named_endpoints.hpp>
#include <backends/transport/reactor.hpp>
#include <backends/transport/resolver.hpp>
#include <backends/transport/tcp_socket.hpp>
#include <backends/transport/transport.hpp>

#include <concepts>
#include <cstddef>
#include <optional>
#include <span>
#include <system_error>
#include <utility>

#include <sys/socket.h>

namespace backends::inline BACKENDS_ISA {

/// Sends lines over TCP, v4 and v6.
///
/// @tparam Resolver  turns names into endpoints (resolver.hpp)
///
/// Not thread-safe except for wake(). Destroy a transport that runs on the user's executor on that
/// executor, or while nothing runs it, and before its context.
template <resolver Resolver = thread_resolver>
class basic_tcp : public reactor {
public:
    static constexpr evidence proves = detail::socket_evidence;

    /// For start() and poll(). Throws config_error for an option that cannot work,
    /// std::system_error when no file descriptor is left.
    explicit basic_tcp(tcp_options options = {}, Resolver names = {})
        : socket_{options}, names_{std::move(names)} {}

    /// For async_run(), on this executor (reactor.hpp): include <backends/transport/executor.hpp>
    /// too. Throws like the other constructor.
    template <class Executor>
        requires(!std::convertible_to<Executor, tcp_options>)
    explicit basic_tcp(Executor executor, tcp_options options = {}, Resolver names = {})
        : reactor{std::move(executor)}, socket_{options}, names_{std::move(names)} {}

    basic_tcp(basic_tcp&&) noexcept = default;
    basic_tcp& operator=(basic_tcp&&) = delete;

    /// In a fork's child it leaves everything as it is: the parent shares the connection.
    ~basic_tcp() {
        if (names_.is_here() && !in_child()) {
            finish(errc::stopped);
        }
    }

    // transport

    void resolve(const destination& where) { names_.look_up(where, waking()); }
    io_result resolved() { return names_.result(); }

    void connect(std::size_t index) {
        close();
        const tcp_endpoint* const to = names_.at(index);
        to != nullptr ? socket_.connect(*to, names_.interface_name())
                      : socket_.refuse(errc::no_address);
    }
    io_result connected() noexcept { return socket_.connected(); }

    io_result write_some(std::span<const char> bytes) noexcept {
        const std::size_t n = socket_.fitting(bytes);
        if (n == 0 && !bytes.empty()) {
            return io_result::pending();
        }
        const io_result done = socket_.moved(
            [=](int socket) { return ::send(socket, bytes.data(), n, detail::no_signal); });
        socket_.took(done.count);
        return done;
    }

    /// See gathering_transport. The system's event tells of room for more.
    io_result write_pieces(std::span<const char> first, std::span<const char> second,
                           bool more) noexcept {
        return socket_.moved(
            [=](int socket) { return detail::send_pieces(socket, first, second, more); });
    }

    io_result read_some(std::span<char> room) noexcept {
        const io_result done = socket_.moved(
            [room](int socket) { return ::recv(socket, room.data(), room.size(), 0); });
        return done.count == 0 && !done.error ? io_result{0, errc::end_of_stream} : done;
    }

    [[nodiscard]] std::optional<std::size_t> unacknowledged() const noexcept {
        return socket_.is_open() ? detail::unacknowledged(socket_.descriptor()) : std::nullopt;
    }

    /// An estimate of the bytes that the peer's machine has acknowledged and its program has not
    /// read: how far its window has shrunk from the maximum of this connection.
    [[nodiscard]] std::size_t unread() noexcept { return socket_.window_deficit(); }

    void half_close() noexcept {
        ::shutdown(socket_.descriptor(), SHUT_WR);  // a lost connection has nothing left to end
    }

    void close() noexcept {
        unwatch();
        socket_.close();
    }
    void abort() noexcept {
        unwatch();
        socket_.abort();
    }

    /// For tcp_options::user_timeout.
    void stall_timeout(nanoseconds time) noexcept { socket_.stall_timeout(time); }

    // waiting_transport; the reactor has the rest

    void arm(bool readable, bool writable, instant until) {
        const bool connecting = socket_.is_connecting();
        if (writable && socket_.is_full()) {
            full_for_ = detail::smaller(full_for_ + full_for_, longest_look);
            writable = false;
            until = detail::smaller(until, detail::monotonic_now() + full_for_);
        } else {
            full_for_ = shortest_look;
        }
        watch(socket_.descriptor(), readable && !connecting, writable || connecting, until);
    }

    /// Gives the connection up as well.
    void finish(std::error_code error) noexcept {
        names_.forget();
        if (socket_.is_open()) {
            close();
        }
        reactor::finish(error);
    }

private:
    static constexpr nanoseconds shortest_look{1'000'000};
    static constexpr nanoseconds longest_look{64'000'000};

    detail::tcp_socket socket_;
    detail::named_endpoints<Resolver> names_;
    nanoseconds full_for_ = shortest_look;  // how long until the next look for room
};

using tcp = basic_tcp<>;

}  // namespace backends
