// SPDX-License-Identifier: BSL-1.0
//
// What a stop() returns.
#pragma once

#include <backends/core/counters.hpp>

namespace backends::inline BACKENDS_ISA {

/// How a stop ended.
struct stop_result {
    backends::counters counters;

    /// Whether every line that was ever accepted is confirmed.
    [[nodiscard]] bool complete() const noexcept { return counters.accepted == counters.confirmed; }
};

}  // namespace backends
