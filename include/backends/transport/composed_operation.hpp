// SPDX-License-Identifier: BSL-1.0
//
// An asynchronous operation in Asio's style that lasts until finish(). It takes any completion
// token; an operation that Asio holds owns the handler. The caller of finish() must not own it: a
// coroutine's handler owns the frame, and the frame may own the caller.
#pragma once

#include <backends/transport/poll_reactor.hpp>
#include <backends/transport/waker.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/system/error_code.hpp>
#include <boost/version.hpp>

// Boost 1.77 brought cancellation slots: before that, no token can ask for a cancellation.
#if BOOST_VERSION >= 107700
#define BACKENDS_CANCELLATION_SLOTS 1
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/cancellation_type.hpp>
#endif

#include <memory>
#include <utility>

namespace backends::inline BACKENDS_ISA::detail {

/// One operation with the signature void(boost::system::error_code): a wait for a doorbell that
/// nobody rings, which finish() cancels. Not thread-safe.
class composed_operation : public std::enable_shared_from_this<composed_operation> {
public:
    /// Throws std::system_error when no file descriptor is left.
    explicit composed_operation(const boost::asio::any_io_executor& executor) : end_{executor} {
        end_.assign(never_.descriptor());
    }
    composed_operation(const composed_operation&) = delete;
    composed_operation& operator=(const composed_operation&) = delete;
    ~composed_operation() { end_.release(); }

    /// Until finish(), the handler's cancellation slot calls `cancel`. Throws std::bad_alloc: then
    /// the operation has not begun.
    template <class Handler>
    void begin(Handler handler, waker cancel) {
#if defined(BACKENDS_CANCELLATION_SLOTS)
        auto slot = boost::asio::get_associated_cancellation_slot(handler);
        if (slot.is_connected()) {
            slot.assign([weak = weak_from_this()](boost::asio::cancellation_type) {
                if (const auto self = weak.lock()) {
                    self->cancel_();
                }
            });
        }
#endif
        end_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                        completion<Handler>{shared_from_this(), std::move(handler)});
        cancel_ = cancel;
    }

    /// Completes the operation: its executor calls the handler, and not before this returns.
    void finish(boost::system::error_code result) noexcept {
        cancel_ = {};
        result_ = result;
        boost::system::error_code ignored;  // there is nothing to cancel after a failed begin
        end_.cancel(ignored);
    }

private:
    /// Calls the handler on the handler's executor, with memory of the handler's allocator.
    template <class Handler>
    struct completion {
        using executor_type =
            boost::asio::associated_executor_t<Handler, boost::asio::any_io_executor>;
        [[nodiscard]] executor_type get_executor() const noexcept {
            return boost::asio::get_associated_executor(handler, self->end_.get_executor());
        }
        using allocator_type = boost::asio::associated_allocator_t<Handler>;
        [[nodiscard]] allocator_type get_allocator() const noexcept {
            return boost::asio::get_associated_allocator(handler);
        }

        void operator()(boost::system::error_code) {
#if defined(BACKENDS_CANCELLATION_SLOTS)
            auto slot = boost::asio::get_associated_cancellation_slot(handler);
            if (slot.is_connected()) {
                slot.clear();
            }
#endif
            const boost::system::error_code result = self->result_;
            self.reset();
            std::move(handler)(result);
        }

        std::shared_ptr<composed_operation> self;
        Handler handler;
    };

    doorbell never_;
    boost::asio::posix::stream_descriptor end_;  // does not own it
    boost::system::error_code result_;
    waker cancel_;
};

}  // namespace backends::detail
