// SPDX-License-Identifier: BSL-1.0
//
// Storage: what a chart counts of input that it did not store as given.
#pragma once

#include <backends/isa.hpp>

#include <cstdint>

namespace backends::inline BACKENDS_ISA {

/// Out-of-order input of a recorder. Monotonic.
struct disorder {
    std::uint64_t refused = 0;      ///< refused rows
    std::uint64_t clock_steps = 0;  ///< times that the clock was set back

    friend constexpr bool operator==(disorder, disorder) = default;
};

/// Input that a chart did not store as given. Monotonic.
struct chart_counters {
    std::uint64_t refused = 0;      ///< rows: late, a second one in their slot, or in the future
    std::uint64_t non_finite = 0;   ///< NaN and infinite values: stored as gaps
    std::uint64_t saturated = 0;    ///< values beyond the cell's range
    std::uint64_t clock_steps = 0;  ///< times that the clock was set back; no row is lost
};

}  // namespace backends
