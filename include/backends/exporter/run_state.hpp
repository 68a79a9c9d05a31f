// SPDX-License-Identifier: BSL-1.0
//
// Who drives an exporter, who has asked for its end, and who waits for that. Shared: a thread that
// asks for the end, or waits for it, holds it too, because the exporter may be gone as soon as its
// completion handler destroys it.
#pragma once

#include <backends/core/counted.hpp>
#include <backends/core/counters.hpp>
#include <backends/core/errors.hpp>
#include <backends/core/extremes.hpp>
#include <backends/core/fork_detector.hpp>
#include <backends/core/lock.hpp>
#include <backends/core/seqlock.hpp>
#include <backends/core/thread.hpp>
#include <backends/core/time.hpp>
#include <backends/core/wall_clock.hpp>
#include <backends/exporter/stop_result.hpp>
#include <backends/transport/waker.hpp>

#include <atomic>
#include <cstdint>
#include <optional>
#include <system_error>

#include <pthread.h>

namespace backends::inline BACKENDS_ISA::detail {

/// Who makes an exporter's steps.
enum class driver : std::uint8_t { nobody, thread, executor, polling };

/// Thread-safe, except where a member says otherwise. In a fork's child only in_child() may be
/// called.
class run_state : public counted {
public:
    /// @param now  the exporter's steady clock
    explicit run_state(instant (*now)() noexcept) noexcept : now_{now} {}

    seqlock<backends::counters> account;

    [[nodiscard]] driver driven_by() const noexcept { return driver_; }
    [[nodiscard]] bool finished() const noexcept { return finished_; }

    /// Throws std::system_error, which names `call`, in a fork's child.
    void must_be_ours(const char* call) const {
        if (in_child()) {
            throw std::system_error{errc::other_process, call};
        }
    }

    // ---- driving

    /// Throws std::system_error, which names `call`, when the exporter is driven already, after a
    /// stop, and in a fork's child.
    void claim(driver whom, waker wake, const char* call) {
        must_be_ours(call);
        const lock changing{mutex_};
        if (finished_) {
            throw std::system_error{errc::stopped, call};
        }
        if (driver_ != driver::nobody) {
            throw std::system_error{errc::already_driven, call};
        }
        driver_ = whom;
        wake_ = wake;
    }

    /// Ends the driving, so that another driver may begin. Calls `last` first.
    template <class Last>
    void release(Last last) noexcept {
        const lock changing{mutex_};
        driver_ = driver::nobody;
        wake_ = {};
        last();
    }

    /// Calls run(object) on a thread that takes no signals. Throws std::system_error.
    void launch(void* (*run)(void*), void* object) {
        const lock alone{joining_};
        thread_ = start_thread(run, object);
    }
    [[gnu::noinline]] void join() noexcept {
        const lock alone{joining_};
        if (thread_) {
            ::pthread_join(*thread_, nullptr);
            thread_.reset();
        }
    }

    /// Call these around each step.
    void enter() noexcept { stepping_ = ::pthread_self(); }
    void leave() noexcept { stepping_ = pthread_t{}; }

    // ---- the end

    /// Asks for the end within this time. The earliest time of all calls counts.
    [[gnu::noinline]] std::error_code request(nanoseconds within) noexcept {
        if (in_child()) {
            return errc::other_process;
        }
        const lock changing{mutex_};
        if (finished_) {
            return errc::stopped;
        }
        const instant deadline = now_() + detail::larger(within, nanoseconds{0});
        if (const std::int64_t asked = stop_at_; asked == not_asked || deadline.ns < asked) {
            stop_at_ = detail::larger<std::int64_t>(deadline.ns, not_asked + 1);
        }
        wake_();
        return {};
    }

    /// The deadline of the end, once it was asked for.
    [[nodiscard]] std::optional<instant> stop_at() const noexcept {
        const std::int64_t at = stop_at_;
        return at == not_asked ? std::nullopt : std::optional{instant{at}};
    }

    /// Marks the end; calls `last` if it is the first call. `last` may let other threads destroy
    /// the exporter, which waits until this returns; the caller must not touch the exporter then.
    template <class Last>
    void finish(Last last) noexcept {
        const lock changing{mutex_};
        leave();
        wake_ = {};
        if (!finished_.exchange(true)) {
            last();
            changed_.notify_all();
        }
    }

    /// Ends an exporter that nobody drives. False: it has a driver.
    [[nodiscard]] bool finish_undriven() noexcept {
        const lock changing{mutex_};
        finished_ = finished_ || driver_ == driver::nobody;
        return driver_ == driver::nobody;
    }

    /// Waits for the end that another thread brings about within this time.
    [[nodiscard, gnu::noinline]] stop_result wait(nanoseconds within) {
        if (is_stepping()) {
            return {account.load(), std::make_error_code(std::errc::resource_deadlock_would_occur)};
        }
        // At the deadline the driver still has to account for the lines.
        if (!wait_until(monotonic_clock() + within + milliseconds(40))) {
            return {account.load(), errc::timed_out};
        }
        join();
        return {account.load(), {}};
    }

    /// Whether the calling thread is inside a step: it would wait for itself.
    [[nodiscard]] bool is_stepping() const noexcept { return stepping_.load() == ::pthread_self(); }

private:
    static constexpr std::int64_t not_asked = 0;

    bool wait_until(instant end) {
        lock held{mutex_};
        while (!finished_) {
            const instant now = monotonic_clock();
            if (now >= end) {
                return false;
            }
            // At most an hour at a time, so that the time fits where time_t has 32 bits.
            changed_.wait(held, detail::smaller(end, now + seconds{3600}));
        }
        return true;
    }

    instant (*now_)() noexcept;
    std::atomic<std::int64_t> stop_at_{not_asked};
    std::atomic<driver> driver_{driver::nobody};
    std::atomic<bool> finished_{false};
    std::atomic<pthread_t> stepping_{};
    mutex mutex_;
    condition changed_;
    waker wake_;
    mutex joining_;  // one thread at a time joins
    std::optional<pthread_t> thread_;
};

}  // namespace backends::detail
