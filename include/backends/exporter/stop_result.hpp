// SPDX-License-Identifier: BSL-1.0
//
// What a stop() returns.
#pragma once

#include <backends/core/counters.hpp>

namespace backends::inline BACKENDS_ISA {

/// How a stop ended.
struct stop_result {
    backends::counters counters;

    /// Whether a last cycle ran, so that everything that was recorded became lines, and every line
    /// that was ever accepted is confirmed. False for an exporter that nobody drove.
    [[nodiscard]] bool complete() const noexcept {
        return counters.ticks != 0 && counters.accepted == counters.confirmed;
    }
};

}  // namespace backends
