// SPDX-License-Identifier: BSL-1.0
//
// The system's precise clocks, without <chrono>, to keep code that only records light. std::time
// reads a coarse clock that lags some milliseconds: it starts every second late.
#pragma once

#include <backends/core/time.hpp>
#include <backends/isa.hpp>

#include <cstdint>

#include <time.h>

namespace backends::inline BACKENDS_ISA {

/// A time since 1970-01-01T00:00:00Z, to the nanosecond.
struct wall_time {
    unix_seconds second = 0;      ///< rounded down
    std::int32_t nanosecond = 0;  ///< of that second, 0 to 999,999,999
};

/// Reads the system's clock, which anyone may set at any time. Costs some 20 ns. Thread-safe.
inline wall_time wall_clock() noexcept {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    return {now.tv_sec, static_cast<std::int32_t>(now.tv_nsec)};
}

/// Reads the clock that never goes back. Costs some 20 ns. Thread-safe.
inline instant monotonic_clock() noexcept {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return instant{std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec};
}

}  // namespace backends
