// SPDX-License-Identifier: BSL-1.0
//
// What a stop() returns.
#pragma once

#include <backends/core/counters.hpp>

#include <system_error>

namespace backends::inline BACKENDS_ISA {

/// How a stop ended.
struct stop_result {
    backends::counters counters;  ///< the account at the end, or of now after an error

    /// Why stop() has not seen the end: errc::not_driven, errc::other_process, errc::timed_out (the
    /// driver has not ended the exporter in time), or resource_deadlock_would_occur (the exporter's
    /// own step called stop()).
    std::error_code error = {};

    /// Whether the exporter has ended, a last cycle has turned all recorded samples into lines, and
    /// every line ever accepted is confirmed.
    [[nodiscard]] bool complete() const noexcept {
        return !error && counters.ticks != 0 && counters.accepted == counters.confirmed;
    }
};

}  // namespace backends
