// SPDX-License-Identifier: BSL-1.0
//
// Time types without <chrono>: that header alone costs half a second of compile time, and code that
// only records must stay light. They convert from and to chrono's types without naming them.
#pragma once

#include <backends/isa.hpp>

#include <compare>
#include <cstdint>
#include <limits>

namespace backends::inline BACKENDS_ISA {

/// Seconds since 1970-01-01T00:00:00Z, the stamp of samples and lines. 64 bits: neither 2038 nor
/// 2106 is a limit.
using unix_seconds = std::int64_t;

namespace detail {
/// Any type shaped like std::chrono::duration with an integer count. A fraction would be truncated
/// silently, so the caller must round it first.
template <class Duration>
concept duration_of_whole_steps = requires(Duration d) {
    Duration::period::num;
    Duration::period::den;
    d.count();
} && std::numeric_limits<typename Duration::rep>::is_integer;

inline constexpr std::int64_t largest_number = (std::numeric_limits<std::int64_t>::max)();
inline constexpr std::int64_t smallest_number = (std::numeric_limits<std::int64_t>::min)();

/// Saturates at the ends of 64 bits: a time-out of centuries never expires.
constexpr std::int64_t saturated_sum(std::int64_t a, std::int64_t b) noexcept {
    std::int64_t sum = 0;
    return !__builtin_add_overflow(a, b, &sum) ? sum : b < 0 ? smallest_number : largest_number;
}
constexpr std::int64_t saturated_difference(std::int64_t a, std::int64_t b) noexcept {
    std::int64_t difference = 0;
    return !__builtin_sub_overflow(a, b, &difference) ? difference
           : b < 0                                    ? largest_number
                                                      : smallest_number;
}
/// `n` may be of any integral type.
template <class Integer>
constexpr std::int64_t saturated_product(Integer n, std::int64_t by) noexcept {
    std::int64_t product = 0;
    return !__builtin_mul_overflow(n, by, &product) ? product
           : (n < 0) == (by < 0)                    ? largest_number
                                                    : smallest_number;
}
}  // namespace detail

/// A whole number of seconds, such as a chart's `update_every`. Converts implicitly from chrono
/// durations of whole seconds (`5s`, `1min`), saturating, but from nothing finer.
struct seconds {
    std::int64_t value = 0;  ///< may be negative

    constexpr seconds() = default;
    constexpr explicit seconds(std::int64_t n) noexcept : value{n} {}

    template <detail::duration_of_whole_steps Duration>
        requires(Duration::period::den == 1)
    constexpr seconds(Duration d) noexcept  // NOLINT(google-explicit-constructor)
        : value{detail::saturated_product(d.count(), Duration::period::num)} {}

    /// Only for the diagnostic.
    template <class Duration>
        requires(Duration::period::den > 1)
    constexpr seconds(Duration) noexcept {  // NOLINT(google-explicit-constructor)
        static_assert(Duration::period::den == 1,
                      "backends: a period is a whole number of seconds, 1s or more");
    }

    friend constexpr auto operator<=>(seconds, seconds) = default;
};

/// A span of nanoseconds: deadlines, back-off, time-outs. Converts implicitly from every chrono
/// duration of whole nanoseconds. All arithmetic saturates, at 292 years.
struct nanoseconds {
    std::int64_t value = 0;  ///< may be negative

    constexpr nanoseconds() = default;
    constexpr explicit nanoseconds(std::int64_t n) noexcept : value{n} {}  ///< of a plain count
    constexpr nanoseconds(seconds s) noexcept  // NOLINT(google-explicit-constructor)
        : value{detail::saturated_product(s.value, 1'000'000'000)} {}

    template <detail::duration_of_whole_steps Duration>
        requires(1'000'000'000 % Duration::period::den == 0)
    constexpr nanoseconds(Duration d) noexcept  // NOLINT(google-explicit-constructor)
        : value{detail::saturated_product(
              d.count(), detail::saturated_product(Duration::period::num,
                                                   1'000'000'000 / Duration::period::den))} {}

    friend constexpr auto operator<=>(nanoseconds, nanoseconds) = default;
    /// Saturates.
    friend constexpr nanoseconds operator+(nanoseconds a, nanoseconds b) noexcept {
        return nanoseconds{detail::saturated_sum(a.value, b.value)};
    }
    /// Saturates.
    friend constexpr nanoseconds operator-(nanoseconds a, nanoseconds b) noexcept {
        return nanoseconds{detail::saturated_difference(a.value, b.value)};
    }
    /// Saturates.
    friend constexpr nanoseconds operator*(nanoseconds a, std::int64_t n) noexcept {
        return nanoseconds{detail::saturated_product(a.value, n)};
    }
};

/// Saturates.
constexpr nanoseconds milliseconds(std::int64_t n) noexcept {
    return nanoseconds{detail::saturated_product(n, 1'000'000)};
}

/// A point on a steady clock, in nanoseconds since that clock's own zero. Schedules work but never
/// stamps a line.
struct instant {
    std::int64_t ns = 0;  ///< since the clock's zero

    /// Later than every deadline: no deadline.
    static constexpr instant never() noexcept {
        return instant{(std::numeric_limits<std::int64_t>::max)()};
    }

    friend constexpr auto operator<=>(instant, instant) = default;

    /// Saturates at never().
    friend constexpr instant operator+(instant t, nanoseconds d) noexcept {
        return instant{detail::saturated_sum(t.ns, d.value)};
    }
    /// Saturates.
    friend constexpr nanoseconds operator-(instant a, instant b) noexcept {
        return nanoseconds{detail::saturated_difference(a.ns, b.ns)};
    }
};

}  // namespace backends
