// SPDX-License-Identifier: BSL-1.0
//
// The waiting half of a transport, to derive from: the transport moves bytes on a file descriptor,
// the reactor waits for it, on the exporter's own thread or on the user's executor.
#pragma once

#include <backends/core/fork_detector.hpp>
#include <backends/core/time.hpp>
#include <backends/transport/poll_reactor.hpp>
#include <backends/transport/waker.hpp>

#include <cstddef>
#include <system_error>
#include <type_traits>
#include <utility>

namespace backends::inline BACKENDS_ISA {

namespace detail {

/// A reactor on somebody else's event loop. Its type is unknown here, so that only programs that
/// use one include it: a table has its calls.
struct foreign_reactor {
    struct calls {
        void (*watch)(foreign_reactor&, int fd, bool readable, bool writable, instant until);
        void (*unwatch)(foreign_reactor&) noexcept;
        void (*wake)(foreign_reactor&) noexcept;
        void (*adopt)(foreign_reactor&);
        /// Ends all waits, and the asynchronous operation with this error. No event follows.
        void (*finish)(foreign_reactor&, std::error_code) noexcept;
        /// Ends the ownership. Not in a fork's child, where everything stays as it is, for ever.
        void (*let_go)(foreign_reactor&) noexcept;
    };

    const calls* call;
    waker event = {};  ///< to call after each event
};

/// executor.hpp defines both: only there is Boost.Asio needed.
template <class Executor>
struct executor_reactor_of;
template <class Token>
struct asynchronous_operation;

template <class T, std::size_t = sizeof(T)>
std::true_type is_defined(T*);
std::false_type is_defined(...);

}  // namespace detail

/// What a transport derives from to be a waiting_transport; it adds arm(), which calls watch() with
/// its file descriptor. An exporter then runs it on a thread of its own, polls it, or, when
/// `<backends/transport/executor.hpp>` is included, runs it on an executor of Boost.Asio.
///
/// Not thread-safe except for wake(). In a fork's child the destructor leaves everything as it is:
/// the parent shares the file descriptors.
class reactor {
public:
    /// Waits on the calling thread. Throws std::system_error when no file descriptor is left.
    reactor() : own_{new detail::poll_reactor} {}

    /// Waits on this executor, which must run one thing at a time (a strand, or an io_context that
    /// one thread runs). Every call except wake() must come from it; destroy the transport on it,
    /// or while nothing runs it, and before its context. Throws std::system_error when no file
    /// descriptor is left.
    template <class Executor>
        requires(!std::is_base_of_v<reactor, Executor>)
    explicit reactor(Executor executor) {
        using found = detail::executor_reactor_of<Executor>;
        static_assert(decltype(detail::is_defined(static_cast<found*>(nullptr)))::value,
                      "backends: a transport on an executor needs "
                      "#include <backends/transport/executor.hpp>");
        foreign_ = found::make(std::move(executor));
    }

    reactor(reactor&& other) noexcept
        : process_{other.process_},
          own_{std::move(other.own_)},
          foreign_{std::exchange(other.foreign_, nullptr)},
          event_{other.event_} {}
    reactor& operator=(reactor&&) = delete;

    ~reactor() {
        if (foreign_ != nullptr && !process_.in_child()) {
            finish(std::make_error_code(std::errc::operation_canceled));
            foreign_->call->let_go(*foreign_);
        }
    }

    /// The waker that is called after events.
    void on_event(waker event) noexcept {
        foreign_ == nullptr ? event_ = event : foreign_->event = event;
    }

    /// Takes the events that came; does nothing on the user's executor, which runs by itself.
    void poll() noexcept {
        if (own_.get() != nullptr && own_->poll()) {
            event_();
        }
    }

    /// Blocks until an event, or until wake(). Preconditions: not on the user's executor, and
    /// arm() was called. Throws std::system_error when the kernel has no memory.
    void run_one() {
        own_->wait();
        event_();
    }

    /// Instead of run_one(), for a loop that waits for several: adds what it would wait for to
    /// `into`, values of poll(2)'s pollfd, and returns the time. Preconditions as there.
    template <class Polled>
    instant hand_over(Polled& into) {
        return own_->hand_over(into);
    }

    /// Makes an event. Any thread; needs no memory.
    void wake() noexcept { foreign_ == nullptr ? own_->wake() : foreign_->call->wake(*foreign_); }

    /// In a fork's child, before its first use: hands it to the child. Throws std::system_error
    /// when no file descriptor is left.
    void adopt() {
        if (foreign_ != nullptr) {
            foreign_->call->adopt(*foreign_);
        } else {
            own_ = detail::owned_at_home{new detail::poll_reactor};
        }
        process_ = {};
    }

    /// Whether the user's executor runs the events.
    [[nodiscard]] bool on_users_executor() const noexcept { return foreign_ != nullptr; }

    /// Starts an asynchronous operation in Asio's style: calls `operation.begin()` at once;
    /// finish() completes it with the signature void(boost::system::error_code). The token's
    /// cancellation slot calls the waker `operation.canceller()`. Calls `operation.abandon()` when
    /// no memory is left to begin. Precondition: on the user's executor.
    template <class Token, class Operation>
    auto async_operation(Token&& token, Operation operation) {
        using found = detail::asynchronous_operation<std::decay_t<Token>>;
        static_assert(decltype(detail::is_defined(static_cast<found*>(nullptr)))::value,
                      "backends: async_run() needs #include <backends/transport/executor.hpp>");
        return found::start(*foreign_, std::forward<Token>(token), operation);
    }

    /// Ends all work under way, so that the executor's context can finish. The operation's handler
    /// may destroy this at once. A second call does nothing until an operation begins.
    void finish(std::error_code error) noexcept {
        if (foreign_ != nullptr) {
            foreign_->call->finish(*foreign_, error);
        } else {
            event_ = {};
        }
    }

protected:
    /// Makes an event when `fd` becomes readable or writable, as asked for, and at `until`, once
    /// each. Replaces what was asked for before, except for an earlier time. -1: no descriptor.
    /// Throws std::bad_alloc or std::system_error on the user's executor only.
    void watch(int fd, bool readable, bool writable, instant until = instant::never()) {
        foreign_ == nullptr ? own_->watch(fd, readable, writable, until)
                            : foreign_->call->watch(*foreign_, fd, readable, writable, until);
    }
    /// Watches no descriptor. Call it before the watched one is closed.
    [[gnu::noinline]] void unwatch() noexcept {
        foreign_ == nullptr ? own_->watch(-1, false, false, instant::never())
                            : foreign_->call->unwatch(*foreign_);
    }

    /// Calls wake(), as long as this lives, wherever it is moved to; for other threads.
    [[nodiscard]] waker waking() const noexcept {
        if (foreign_ == nullptr) {
            return {[](void* own) noexcept { static_cast<detail::poll_reactor*>(own)->wake(); },
                    own_.get()};
        }
        return {[](void* other) noexcept {
                    auto& foreign = *static_cast<detail::foreign_reactor*>(other);
                    foreign.call->wake(foreign);
                },
                foreign_};
    }

    [[nodiscard]] bool in_child() const noexcept { return process_.in_child(); }

private:
    fork_detector process_;
    detail::owned_at_home<detail::poll_reactor> own_;  // none on the user's executor
    detail::foreign_reactor* foreign_ = nullptr;       // there only
    waker event_;
};

}  // namespace backends
