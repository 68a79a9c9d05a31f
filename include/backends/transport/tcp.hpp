// SPDX-License-Identifier: BSL-1.0
//
// The TCP transport. Sockets are the system's, and do not block; Asio reports readiness and runs
// the timer, on an io_context of this transport's own or on the user's executor. Models
// waiting_transport.
#pragma once

#include <backends/core/fork_detector.hpp>
#include <backends/transport/composed_operation.hpp>
#include <backends/transport/tcp_connection.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/version.hpp>

#include <cerrno>
#include <cstddef>
#include <memory>
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
class basic_tcp {
public:
    static constexpr bool can_count_unacked = detail::can_count_unacked;

    /// Runs on an io_context of its own. Throws config_error for an option that cannot work,
    /// boost::system::system_error when no file descriptor is left.
    explicit basic_tcp(tcp_options options = {}, Resolver names = {})
        : context_{std::make_unique<boost::asio::io_context>(1).release()},
          connection_{
              std::make_shared<connection>(context_->get_executor(), options, std::move(names))} {
        connection_->own_context = context_.get();
    }

    /// Runs on the user's executor, which must run one thing at a time (a strand, or an io_context
    /// that one thread runs). Every call except wake() must come from it. Throws config_error.
    explicit basic_tcp(boost::asio::any_io_executor executor, tcp_options options = {},
                       Resolver names = {})
        : connection_{
              std::make_shared<connection>(std::move(executor), options, std::move(names))} {}

    basic_tcp(basic_tcp&&) noexcept = default;
    basic_tcp& operator=(basic_tcp&&) = delete;

    /// In a fork's child it leaves everything as it is: closing a socket there would remove it from
    /// the epoll set that the child shares with its parent.
    ~basic_tcp() {
        if (connection_ == nullptr) {
            return;
        }
        if (context_.get_deleter().process.in_child()) {
            connection_->stay();
        } else {
            finish(errc::stopped);
        }
    }

    // transport

    void resolve(const destination& where) {
        connection_->interface_name = where.interface_name;
        connection_->names.start(
            where,
            {[](void* c) noexcept { static_cast<connection*>(c)->answered(); }, connection_.get()});
    }

    io_result resolved() {
        auto answer = connection_->names.result();
        if (!answer) {
            return io_result::pending();
        }
        connection_->endpoints = std::move(answer->endpoints);
        return {connection_->endpoints.size(), answer->error};
    }

    void connect(std::size_t index) { connection_->connect(index); }
    io_result connected() { return connection_->connected(); }

    io_result write_some(std::span<const char> bytes) noexcept {
        return moved([&](int socket) {
            return ::send(socket, bytes.data(), bytes.size(), detail::no_signal);
        });
    }

    io_result read_some(std::span<char> room) noexcept {
        const io_result done =
            moved([&](int socket) { return ::recv(socket, room.data(), room.size(), 0); });
        return done.count == 0 && !done.error ? io_result{0, errc::end_of_stream} : done;
    }

    [[nodiscard]] std::optional<std::size_t> unacknowledged() const noexcept {
        return connection_->is_open() ? detail::unacknowledged(connection_->socket())
                                      : std::nullopt;
    }

    /// An estimate of the bytes that the peer's machine has acknowledged and its program has not
    /// read: how far its window has shrunk from the maximum of this connection.
    [[nodiscard]] std::size_t unread() noexcept { return connection_->window_deficit(); }

    void half_close() noexcept {
        ::shutdown(connection_->socket(), SHUT_WR);  // a lost connection has nothing left to end
    }

    void close() noexcept { connection_->close(); }
    void abort() noexcept { connection_->abort(); }

    /// For tcp_options::user_timeout.
    void stall_timeout(nanoseconds time) noexcept { connection_->stall_timeout(time); }

    // waiting_transport

    void on_event(waker event) noexcept { connection_->event = event; }
    void arm(bool readable, bool writable, instant until) {
        connection_->arm(readable, writable, until);
    }
    /// Throws std::bad_alloc when no memory is left, on the user's executor only.
    void wake() { connection_->wake(); }

    /// Runs ready events; does nothing on the user's executor, which runs by itself.
    void poll() {
        if (context_ != nullptr) {
            context_->restart();
            context_->poll();
            connection_->tell_if_woken();
        }
    }

    /// Blocks until one event has run, or until wake(). Preconditions: the transport has its own
    /// context, and arm() was called.
    void run_one() {
        context_->run_one();
        context_->restart();  // after, so that no call of wake() is missed
        connection_->tell_if_woken();
    }

    /// In a fork's child, before its first use: hands it to the child. The user's context has a
    /// notify_fork() of its own. Throws boost::system::system_error when no file descriptor is
    /// left.
    void adopt() {
        if (context_ != nullptr) {
            context_->notify_fork(boost::asio::execution_context::fork_child);
        }
        context_.get_deleter() = {};
    }

    /// Whether the user's executor runs the events.
    [[nodiscard]] bool on_users_executor() const noexcept { return context_ == nullptr; }

    /// Starts an asynchronous operation in Asio's style: calls `begin()` at once; finish()
    /// completes it with the signature void(boost::system::error_code). The token's cancellation
    /// slot calls the waker `canceller()`. Calls `abandon()` when no memory is left to begin.
    template <class Token, class Operation>
    auto async_operation(Token&& token, Operation operation) {
        return boost::asio::async_initiate<Token, void(boost::system::error_code)>(
            [this](auto done, const Operation& begun) {
                try {
                    operation_ =
                        std::make_shared<detail::composed_operation>(connection_->executor());
                    operation_->begin(std::move(done), begun.canceller());
                } catch (...) {
                    begun.abandon();
                    throw;
                }
                finished_ = false;
                begun.begin();
            },
            token, operation);
    }

    /// Ends all work under way, so that the executor's context can finish. The operation's handler
    /// may destroy this transport at once. A second call does nothing until an operation begins: a
    /// thread that has seen the end may call it while cancelled operations come back.
    [[gnu::noinline]] void finish(std::error_code error) noexcept {
        if (std::exchange(finished_, true)) {
            return;
        }
        connection_->rest();
        if (const auto operation = operation_) {
            operation->finish(as_boost(error));
        }
    }

private:
    using connection = detail::tcp_connection<Resolver>;

    /// Boost's error codes hold the standard's since 1.76; before that a stop is an aborted
    /// operation.
    static boost::system::error_code as_boost(std::error_code error) noexcept {
#if BOOST_VERSION >= 107600
        return error;
#else
        return error ? boost::system::error_code{boost::asio::error::operation_aborted}
                     : boost::system::error_code{};
#endif
    }
    /// The result of call(socket): bytes, or -1 and errno.
    template <class Call>
    io_result moved(Call call) const noexcept {
        for (;;) {
            const auto n = call(connection_->socket());
            if (n >= 0) [[likely]] {
                return {static_cast<std::size_t>(n), {}};
            }
            if (errno == EAGAIN || errno == EWOULDBLOCK) {
                return io_result::pending();
            }
            if (errno != EINTR) {
                return {0, {errno, std::system_category()}};
            }
        }
    }

    std::unique_ptr<boost::asio::io_context, delete_at_home> context_;
    std::shared_ptr<connection> connection_;
    std::shared_ptr<detail::composed_operation> operation_;
    bool finished_ = false;
};

using tcp = basic_tcp<>;

}  // namespace backends
