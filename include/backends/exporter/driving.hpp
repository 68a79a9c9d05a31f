// SPDX-License-Identifier: BSL-1.0
//
// How an exporter is driven: which call may begin it, how its transport's events reach it, and what
// happens when there is no memory to wait for them.
#pragma once

#include <backends/core/counted.hpp>
#include <backends/core/errors.hpp>
#include <backends/core/time.hpp>
#include <backends/exporter/run_state.hpp>
#include <backends/transport/transport.hpp>

#include <new>
#include <system_error>
#include <utility>

#include <sched.h>
#include <unistd.h>

namespace backends::inline BACKENDS_ISA::detail {

/// @tparam Transport  the transport, which outlives this
///
/// Not thread-safe, except for the object that state() returns.
template <class Transport>
class driving {
public:
    driving(Transport& transport, instant (*now)() noexcept)
        : transport_{transport}, now_{now}, state_{new run_state{now}} {}

    /// A copy for callers that may outlive the exporter.
    [[nodiscard]] counted_ptr<run_state> shared() const noexcept { return state_; }
    [[nodiscard]] run_state& state() const noexcept { return *state_; }

    /// Throws std::system_error when `whom` cannot drive it. The user's executor drives by `event`.
    void claim(driver whom, const char* call, waker event) {
        waker wake;
        if constexpr (waiting_transport<Transport>) {
            const bool executor = whom == driver::executor;
            if (executor != transport_.on_users_executor()) {
                throw std::system_error{executor ? errc::no_executor : errc::on_executor, call};
            }
            wake = {[](void* transport) noexcept { static_cast<Transport*>(transport)->wake(); },
                    &transport_};
        }
        state_->claim(whom, wake, call);
        if constexpr (executor_transport<Transport>) {
            transport_.on_event(whom == driver::executor ? event : waker{});
        }
    }

    /// In a fork's child: takes over an exporter that its parent has not used. False: there was
    /// none, or it stays the parent's.
    bool adopt_if_foreign() {
        if constexpr (requires { transport_.adopt(); }) {
            if (state_->in_child() && state_->driven_by() == driver::nobody &&
                !state_->finished()) {
                counted_ptr<run_state> own{new run_state{now_}};
                transport_.adopt();
                state_ = std::move(own);  // a thread of the parent may hold the old one's lock
                return true;
            }
        }
        return false;
    }

    /// Asks for the next event. May throw when the transport has no memory to wait.
    template <class Lines>
    void arm(const Lines& lines, instant until) {
        if constexpr (waiting_transport<Transport>) {
            transport_.arm(lines.wants_readable(), lines.wants_writable(), until);
        }
    }

    /// The same on the user's executor. Without memory no event would ever come, so the
    /// asynchronous operation ends; the exporter may be gone then.
    template <class Lines>
    void arm_or_give_up(const Lines& lines, instant until) noexcept {
        try {
            arm(lines, until);
        } catch (...) {
            const auto state = state_;
            state->release([this] { end(std::make_error_code(std::errc::not_enough_memory)); });
        }
    }

    /// Waits for the next event on this thread.
    template <class Lines>
    void wait(const Lines& lines, instant until) noexcept {
        if constexpr (waiting_transport<Transport>) {
            try {
                arm(lines, until);
                transport_.run_one();
            } catch (...) {
                // No memory to wait with; there may be some a little later.
                ::usleep(10'000);
            }
        } else {
            ::sched_yield();
        }
    }

    /// Finishes once. The exporter may be gone when it returns.
    [[gnu::noinline]] void finish(std::error_code error) noexcept {
        const auto state = state_;
        state->finish([this, error] { end(error); });
    }

private:
    void end(std::error_code error) noexcept {
        if constexpr (executor_transport<Transport>) {
            transport_.finish(error);
        }
    }

    Transport& transport_;
    instant (*now_)() noexcept;
    counted_ptr<run_state> state_;
};

}  // namespace backends::detail
