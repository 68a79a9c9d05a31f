// SPDX-License-Identifier: BSL-1.0
//
// Time, as the whole way uses it, without <chrono>: including that header alone costs half a
// second of compile time, and code that only records must stay light. Everything here converts
// from and to chrono's types without naming them.
#pragma once

#include <backends/isa.hpp>

#include <compare>
#include <cstdint>
#include <limits>

namespace backends::inline BACKENDS_ISA {

/// Seconds since 1970-01-01T00:00:00Z, what a sample and a line are stamped with. 64 bits: neither
/// 2038 nor 2106 is a limit.
using unix_seconds = std::int64_t;

namespace detail {
/// Anything shaped like std::chrono::duration.
template <class Duration>
concept duration_like = requires(Duration d) {
    Duration::period::num;
    Duration::period::den;
    d.count();
};
}  // namespace detail

/// A whole number of seconds, such as a chart's `update_every`. Converts implicitly from chrono
/// durations of whole seconds (`5s`, `1min`), not from anything finer.
struct seconds {
    std::int64_t value = 0;

    constexpr seconds() = default;
    constexpr explicit seconds(std::int64_t n) noexcept : value{n} {}

    template <detail::duration_like Duration>
        requires(Duration::period::den == 1)
    constexpr seconds(Duration d) noexcept  // NOLINT(google-explicit-constructor)
        : value{static_cast<std::int64_t>(d.count()) * Duration::period::num} {}

    /// For its sentence alone.
    template <class Duration>
        requires(Duration::period::den > 1)
    constexpr seconds(Duration) noexcept {  // NOLINT(google-explicit-constructor)
        static_assert(Duration::period::den == 1,
                      "backends: a period is a whole number of seconds, 1s or more");
    }

    friend constexpr auto operator<=>(seconds, seconds) = default;
};

/// A span of time in nanoseconds: deadlines, back-off, time-outs. Converts implicitly from every
/// chrono duration down to nanoseconds.
struct nanoseconds {
    std::int64_t value = 0;

    constexpr nanoseconds() = default;
    constexpr explicit nanoseconds(std::int64_t n) noexcept : value{n} {}
    constexpr nanoseconds(seconds s) noexcept  // NOLINT(google-explicit-constructor)
        : value{s.value * 1'000'000'000} {}

    template <detail::duration_like Duration>
        requires(Duration::period::den <= 1'000'000'000)
    constexpr nanoseconds(Duration d) noexcept  // NOLINT(google-explicit-constructor)
        : value{static_cast<std::int64_t>(d.count()) *
                (1'000'000'000 / Duration::period::den * Duration::period::num)} {}

    friend constexpr auto operator<=>(nanoseconds, nanoseconds) = default;
    friend constexpr nanoseconds operator+(nanoseconds a, nanoseconds b) noexcept {
        return nanoseconds{a.value + b.value};
    }
    friend constexpr nanoseconds operator-(nanoseconds a, nanoseconds b) noexcept {
        return nanoseconds{a.value - b.value};
    }
    friend constexpr nanoseconds operator*(nanoseconds a, std::int64_t n) noexcept {
        return nanoseconds{a.value * n};
    }
};

constexpr nanoseconds milliseconds(std::int64_t n) noexcept { return nanoseconds{n * 1'000'000}; }

/// A point on a steady clock, in nanoseconds since that clock's own zero. It schedules; it never
/// stamps a line.
struct instant {
    std::int64_t ns = 0;

    /// Later than every deadline: "no deadline".
    static constexpr instant never() noexcept {
        return instant{(std::numeric_limits<std::int64_t>::max)()};
    }

    friend constexpr auto operator<=>(instant, instant) = default;

    /// Saturates at never().
    friend constexpr instant operator+(instant t, nanoseconds d) noexcept {
        return d.value > 0 && t.ns > never().ns - d.value ? never() : instant{t.ns + d.value};
    }
    friend constexpr nanoseconds operator-(instant a, instant b) noexcept {
        return nanoseconds{a.ns - b.ns};
    }
};

}  // namespace backends
