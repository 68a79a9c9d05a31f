// SPDX-License-Identifier: BSL-1.0
//
// An operation in Asio's manner that lasts until somebody says so: it takes any completion token,
// and its handler belongs to an operation that Asio holds. Whoever says so must not own the
// handler: that of a coroutine owns the frame, and the frame may own them.
#pragma once

#include <backends/core/time.hpp>
#include <backends/transport/deadline.hpp>
#include <backends/transport/waker.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/system/error_code.hpp>
#include <boost/version.hpp>

// Cancellation slots came with Boost 1.77: before that no token can ask for a cancellation.
#if BOOST_VERSION >= 107700
#define BACKENDS_CANCELLATION_SLOTS 1
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/cancellation_type.hpp>
#endif

#include <memory>
#include <utility>

namespace backends::inline BACKENDS_ISA::detail {

/// One operation with the signature void(boost::system::error_code): a wait for a time that never
/// comes, which finish() cancels. Not thread-safe.
class composed_operation : public std::enable_shared_from_this<composed_operation> {
public:
    explicit composed_operation(const boost::asio::any_io_executor& executor) : end_{executor} {}

    /// `cancel` is called when the handler's cancellation slot says so, until finish(). Throws
    /// std::bad_alloc, or std::system_error when there is no file descriptor left: the
    /// operation has not begun then.
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
        end_.wait(instant::never(), completion<Handler>{shared_from_this(), std::move(handler)});
        cancel_ = cancel;
    }

    /// Completes it: the handler is called from its executor, and not before this returns.
    void finish(boost::system::error_code result) noexcept {
        cancel_ = {};
        result_ = result;
        end_.cancel();
    }

private:
    /// Calls the handler, where and with what memory it wants.
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

    deadline end_;
    boost::system::error_code result_;
    waker cancel_;
};

}  // namespace backends::detail
