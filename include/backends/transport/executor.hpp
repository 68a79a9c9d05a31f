// SPDX-License-Identifier: BSL-1.0
//
// Runs a transport on an executor of Boost.Asio: include this where a program calls async_run().
// Asio waits for one file descriptor, an epoll set with the connection, a timer and a doorbell in
// it: its templates are instantiated for one type, and closing a socket does not concern it.
#pragma once

#include <backends/core/time.hpp>
#include <backends/transport/composed_operation.hpp>
#include <backends/transport/epoll_set.hpp>
#include <backends/transport/operation_memory.hpp>
#include <backends/transport/reactor.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/system/error_code.hpp>
#include <boost/version.hpp>

#include <memory>
#include <system_error>
#include <utility>

namespace backends::inline BACKENDS_ISA::detail {

/// Not thread-safe, except for wake(). Asio's operations own it while they are under way.
class executor_reactor final : public foreign_reactor,
                               public std::enable_shared_from_this<executor_reactor> {
public:
    explicit executor_reactor(boost::asio::any_io_executor executor)
        : foreign_reactor{table()},
          set_{std::make_unique<epoll_set>()},
          descriptor_{std::move(executor)} {}
    /// Its transport ends its life by the table's let_go().
    static executor_reactor* make(boost::asio::any_io_executor executor) {
        auto made = std::make_shared<executor_reactor>(std::move(executor));
        made->owned_ = made;
        return made.get();
    }
    executor_reactor(const executor_reactor&) = delete;
    executor_reactor& operator=(const executor_reactor&) = delete;
    ~executor_reactor() { let_go(); }

    template <class Token, class Operation>
    auto start(Token&& token, const Operation& begun) {
        return boost::asio::async_initiate<Token, void(boost::system::error_code)>(
            [this](auto done, const Operation& begins) {
                try {
                    running_ = std::make_shared<composed_operation>(descriptor_.get_executor());
                    running_->begin(std::move(done), begins.canceller());
                } catch (...) {
                    begins.abandon();
                    throw;
                }
                finished_ = false;
                begins.begin();
            },
            token, begun);
    }

private:
    static executor_reactor& of(foreign_reactor& one) noexcept {
        return static_cast<executor_reactor&>(one);
    }
    static const calls* table() noexcept {
        static constexpr calls all{
            [](foreign_reactor& one, int fd, bool readable, bool writable, instant until) {
                of(one).watch(fd, readable, writable, until);
            },
            [](foreign_reactor& one) noexcept { of(one).set_->unwatch(); },
            [](foreign_reactor& one) noexcept { of(one).set_->ring(); },
            [](foreign_reactor& one) { of(one).set_ = std::make_unique<epoll_set>(); },
            [](foreign_reactor& one, std::error_code error) noexcept { of(one).finish(error); },
            [](foreign_reactor& one) noexcept {
                const auto last = std::move(of(one).owned_);  // waits under way may own it too
            }};
        return &all;
    }

    void watch(int fd, bool readable, bool writable, instant until) {
        set_->watch(fd, readable, writable);
        set_->ring_at(until);
        if (!descriptor_.is_open()) {
            descriptor_.assign(set_->descriptor());
        }
        if (!waiting_) {
            descriptor_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                                   wait{shared_from_this()});
            waiting_ = true;
        }
    }
    void finish(std::error_code error) noexcept {
        if (std::exchange(finished_, true)) {
            return;
        }
        event = {};
        let_go();
        if (const auto running = running_) {
            running->finish(as_boost(error));
        }
    }

    struct wait {
        using allocator_type = operation_allocator<void*>;
        [[nodiscard]] allocator_type get_allocator() const noexcept {
            return allocator_type{*memory};
        }

        explicit wait(std::shared_ptr<executor_reactor> reactor)
            : self{std::move(reactor)}, memory{&self->memory_} {}
        void operator()(boost::system::error_code error) {
            self->waiting_ = false;
            if (!error) {
                self->set_->collect();
            }
            self->event();  // may destroy the transport, which this outlives
        }

        std::shared_ptr<executor_reactor> self;
        operation_memory* memory;  // self's
    };

    /// Asio must not close the descriptor, which the set owns.
    void let_go() noexcept {
        set_->unwatch();
        if (descriptor_.is_open()) {
            descriptor_.release();
        }
    }

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

    operation_memory memory_;  // first: operations of the members below use it until the end
    std::unique_ptr<epoll_set> set_;
    boost::asio::posix::stream_descriptor descriptor_;
    std::shared_ptr<composed_operation> running_;
    std::shared_ptr<executor_reactor> owned_;  // itself, as long as its transport lives
    bool waiting_ = false;
    bool finished_ = false;
};

template <class Executor>
struct executor_reactor_of {
    static foreign_reactor* make(boost::asio::any_io_executor executor) {
        return executor_reactor::make(std::move(executor));
    }
};

template <class Token>
struct asynchronous_operation {
    template <class Given, class Operation>
    static auto start(foreign_reactor& on, Given&& token, const Operation& operation) {
        return static_cast<executor_reactor&>(on).start(std::forward<Given>(token), operation);
    }
};

}  // namespace backends::detail
