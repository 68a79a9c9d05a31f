// SPDX-License-Identifier: BSL-1.0
//
// Testing. Both clocks of an exporter, moved by hand: the steady clock that schedules and the
// system clock that stamps. They move together unless a test steps the system clock, as an
// administrator or NTP would.
#pragma once

#include <backends/core/time.hpp>

#include <cstdint>

namespace backends::inline BACKENDS_ISA::testing {

/// Not thread-safe. Steady time never goes backwards: advance() requires by >= 0.
class manual_clock {
public:
    /// `start` is the system's time.
    constexpr explicit manual_clock(unix_seconds start = 1'700'000'000) noexcept
        : system_ns_{start * second} {}

    [[nodiscard]] constexpr instant steady_now() const noexcept { return steady_; }  ///< as set
    /// Whole seconds, rounded down.
    [[nodiscard]] constexpr unix_seconds system_now() const noexcept {
        const std::int64_t whole = system_ns_ / second;
        return system_ns_ % second < 0 ? whole - 1 : whole;
    }

    /// Lets time pass.
    constexpr void advance(nanoseconds by) noexcept {
        steady_ = steady_ + by;
        system_ns_ += by.value;
    }
    /// Lets time pass until `at`; does nothing when `at` has passed.
    constexpr void advance_to(instant at) noexcept {
        if (at > steady_) {
            advance(at - steady_);
        }
    }
    /// Sets the system clock; no time passes.
    constexpr void set_system(unix_seconds to) noexcept { system_ns_ = to * second; }

private:
    static constexpr std::int64_t second = 1'000'000'000;

    instant steady_{second};  // not zero, so that no code takes zero for now
    std::int64_t system_ns_;
};

}  // namespace backends::testing
