// SPDX-License-Identifier: BSL-1.0
//
// The transport over TCP, on Boost.Asio. Sockets are non-blocking; Asio tells when one is ready and
// runs the timer, on an io_context of this transport's own or on the user's executor. Models
// waiting_transport.
#pragma once

#include <backends/core/process.hpp>
#include <backends/transport/tcp_connection.hpp>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/append.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <memory>
#include <optional>
#include <span>
#include <utility>

namespace backends::inline BACKENDS_ISA {

/// Lines over TCP, v4 and v6.
///
/// @tparam Resolver  turns names into endpoints (resolver.hpp)
///
/// Not thread-safe but for wake(). A transport on the user's executor must be destroyed on that
/// executor, or while nothing runs it, and before its context.
template <resolver Resolver = thread_resolver>
class basic_tcp {
public:
    static constexpr bool can_count_unacked = detail::can_count_unacked;

    /// On an io_context of its own. Throws boost::system::system_error when the system has no file
    /// descriptor left for it.
    explicit basic_tcp(tcp_options options = {}, Resolver names = {})
        : context_{std::make_unique<boost::asio::io_context>(1)},
          connection_{
              std::make_shared<connection>(context_->get_executor(), options, std::move(names))} {}

    /// On the user's executor, which must run one thing at a time (a strand, or an io_context that
    /// one thread runs). Every call but wake() has to come from it.
    explicit basic_tcp(boost::asio::any_io_executor executor, tcp_options options = {},
                       Resolver names = {})
        : connection_{
              std::make_shared<connection>(std::move(executor), options, std::move(names))} {}

    basic_tcp(basic_tcp&&) noexcept = default;
    basic_tcp& operator=(basic_tcp&&) = delete;

    /// In a fork's child it leaves everything as it is: closing a socket there would take it out of
    /// the epoll set that the child shares with its parent.
    ~basic_tcp() {
        if (connection_ == nullptr) {
            return;
        }
        if (process_.is_foreign()) {
            static_cast<void>(context_.release());
            connection_->stay();
        } else {
            connection_->rest();
        }
    }

    // transport

    void resolve(const destination& where) {
        connection_->interface_name = where.interface_name;
        connection_->names.start(
            where,
            {[](void* c) noexcept { static_cast<connection*>(c)->wake(); }, connection_.get()});
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
        boost::system::error_code error;
        const std::size_t n = connection_->socket().write_some(
            boost::asio::const_buffer{bytes.data(), bytes.size()}, error);
        return {n, translated(error)};
    }

    io_result read_some(std::span<char> room) noexcept {
        boost::system::error_code error;
        const std::size_t n = connection_->socket().read_some(
            boost::asio::mutable_buffer{room.data(), room.size()}, error);
        return {n, translated(error)};
    }

    [[nodiscard]] std::optional<std::size_t> unacknowledged() const noexcept {
        auto& socket = connection_->socket();
        return socket.is_open() ? detail::unacknowledged(socket.native_handle()) : std::nullopt;
    }

    /// Bytes that the peer's machine has acknowledged and its program has not read, as it seems:
    /// how much smaller its window is than it once was on this connection.
    [[nodiscard]] std::size_t unread() noexcept { return connection_->window_deficit(); }

    void half_close() noexcept {
        boost::system::error_code ignored;  // a connection that is gone has nothing left to end
        connection_->socket().shutdown(boost::asio::socket_base::shutdown_send, ignored);
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
    void wake() { connection_->wake(); }

    /// Runs what is ready; does nothing on the user's executor, which runs by itself.
    void poll() {
        if (context_ != nullptr) {
            context_->restart();
            context_->poll();
        }
    }

    /// Blocks until one event has run. Precondition: no executor was given, and arm() was called.
    void run_one() {
        context_->restart();
        context_->run_one();
    }

    /// Whether somebody else runs the events.
    [[nodiscard]] bool on_users_executor() const noexcept { return context_ == nullptr; }

    /// An asynchronous operation in Asio's manner: `start` is called at once, finish() completes it
    /// with the signature void(boost::system::error_code), and `cancel` is called when the token's
    /// cancellation slot says so.
    template <class Token, class Start>
    auto async_operation(Token&& token, Start start, waker cancel) {
        return boost::asio::async_initiate<Token, void(boost::system::error_code)>(
            [this, cancel](auto done, Start begin) {
                completion_.emplace(std::move(done), connection_->executor());
                if (completion_->slot.is_connected()) {
                    completion_->slot.assign(
                        [cancel](boost::asio::cancellation_type) { cancel(); });
                }
                begin();
            },
            token, std::move(start));
    }

    /// Nothing is left under way after it, so that the executor's context can come to its end.
    void finish(std::error_code error) {
        connection_->rest();
        if (completion_) {
            auto done = std::move(*completion_);
            completion_.reset();
            done.slot.clear();  // from here on the token must not reach whoever was running
            auto executor = done.work.get_executor();
            boost::asio::post(executor, boost::asio::append(std::move(done.handler),
                                                            boost::system::error_code{error}));
        }
    }

private:
    using connection = detail::tcp_connection<Resolver>;

    /// Who waits for finish(), and the promise that its executor goes on running until then.
    struct completion {
        template <class Handler>
        completion(Handler h, const boost::asio::any_io_executor& fallback)
            : work{boost::asio::get_associated_executor(h, fallback)},
              slot{boost::asio::get_associated_cancellation_slot(h)},
              handler{std::move(h)} {}

        boost::asio::executor_work_guard<boost::asio::any_io_executor> work;
        boost::asio::cancellation_slot slot;
        boost::asio::any_completion_handler<void(boost::system::error_code)> handler;
    };

    static std::error_code translated(boost::system::error_code error) noexcept {
        if (error == boost::asio::error::would_block || error == boost::asio::error::try_again) {
            return errc::would_block;
        }
        if (error == boost::asio::error::eof) {
            return errc::end_of_stream;
        }
        return error;
    }

    process_mark process_;
    std::unique_ptr<boost::asio::io_context> context_;
    std::shared_ptr<connection> connection_;
    std::optional<completion> completion_;
};

using tcp = basic_tcp<>;

}  // namespace backends
