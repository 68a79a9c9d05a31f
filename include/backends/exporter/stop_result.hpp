// SPDX-License-Identifier: BSL-1.0
//
// What a stop() returns.
#pragma once

#include <backends/core/counters.hpp>

#include <system_error>

namespace backends::inline BACKENDS_ISA {

/// How a stop ended.
struct stop_result {
    backends::counters counters;

    /// Why the end was not seen: errc::not_driven, errc::other_process, errc::timed_out (whoever
    /// drives the exporter has not come to its end in time), or resource_deadlock_would_occur
    /// (stop() was called from within the exporter's own step).
    std::error_code error = {};

    /// Whether it came to its end, a last cycle ran, so that everything that was recorded became
    /// lines, and every line that was ever accepted is confirmed.
    [[nodiscard]] bool complete() const noexcept {
        return !error && counters.ticks != 0 && counters.accepted == counters.confirmed;
    }
};

}  // namespace backends
