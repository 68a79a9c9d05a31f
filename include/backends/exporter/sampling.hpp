// SPDX-License-Identifier: BSL-1.0
//
// When an exporter samples the instruments of its host: at the beginning of each slot, and before
// each cycle.
#pragma once

#include <backends/core/time.hpp>
#include <backends/exporter/schedule.hpp>

#include <cstdint>
#include <limits>

namespace backends::inline BACKENDS_ISA {

/// Counts seconds on from what the system's clock said once, by the steady clock, so that a wake-up
/// a little early or late never skips a slot; until the two clocks are more than a second apart,
/// because somebody set the system's one.
class slot_seconds {
public:
    /// The second that it is.
    unix_seconds at(clock_reading now) noexcept {
        const unix_seconds expected =
            detail::saturated_sum(origin_.system, passed(now.steady) / nanosecond_to_second);
        const std::int64_t apart = detail::saturated_difference(now.system, expected);
        if (!has_origin_ || apart < -1 || apart > 1) {
            origin_ = now;
            has_origin_ = true;
            return now.system;
        }
        return expected;
    }
    /// When a second begins, of those that are to come. Precondition: at() was called.
    [[nodiscard]] instant when(unix_seconds second) const noexcept {
        return origin_.steady +
               nanoseconds{seconds{detail::saturated_difference(second, origin_.system)}};
    }

private:
    static constexpr std::int64_t nanosecond_to_second = 1'000'000'000;

    [[nodiscard]] std::int64_t passed(instant now) const noexcept {
        const std::int64_t ns = (now - origin_.steady).value;
        return ns < 0 ? 0 : ns;
    }

    clock_reading origin_;
    bool has_origin_ = false;
};

/// @tparam Clock  the exporter's
/// @tparam Host   the host's type; it must outlive the sampling
///
/// Not thread-safe, but several of one host are no matter: a slot is taken once.
template <class Clock, class Host>
class sampling {
public:
    /// Samples nothing before start().
    explicit sampling(const Host& from) noexcept : host_{from} {}

    /// The first slots are due at once.
    void start(instant now) noexcept { due_ = now; }

    /// When the next slot begins, as far as it is known: a chart that comes later is sampled by the
    /// next run().
    [[nodiscard]] instant due() const noexcept { return due_; }

    /// Takes the slots that are due.
    void run(instant now) noexcept { due_by(host_.sample(second(now))); }
    /// Takes what is there, for a last cycle.
    void run_rest(instant now) noexcept { due_by(host_.sample_rest(second(now))); }

    /// The second that run() samples at this time.
    [[nodiscard]] unix_seconds second(instant now) noexcept {
        return seconds_.at({now, clock_reading::now<Clock>().system});
    }

private:
    void due_by(unix_seconds next) noexcept {
        constexpr unix_seconds never = (std::numeric_limits<unix_seconds>::max)();
        due_ = next == never ? instant::never() : seconds_.when(next);
    }

    const Host& host_;
    slot_seconds seconds_;
    instant due_ = instant::never();
};

}  // namespace backends
