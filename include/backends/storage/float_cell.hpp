// SPDX-License-Identifier: BSL-1.0
//
// Storage: a cell of four bytes, NaN is the gap. Half the memory of a double; 24 bits of precision
// (12.3 prints as 12.3000002). Sums are doubles.
#pragma once

#include <backends/storage/double_cell.hpp>

#include <limits>

namespace backends {

/// A sample as a float. A finite value beyond the largest float saturates.
struct float_cell {
    using word = float;
    using value = double;
    using number = double;
    using sum = double_sum;
    template <std::size_t N>
    using sums = double_sums<float_cell, N>;
    static constexpr std::size_t most_sums = double_cell::most_sums;

    static constexpr word gap = std::numeric_limits<float>::quiet_NaN();

    static constexpr stored_word<word> store(double v, bool /*was_reset*/ = false) noexcept {
        constexpr float largest = std::numeric_limits<float>::max();
        if (!detail::is_finite(v)) {
            return {gap, store_outcome::not_finite};
        }
        if (v > largest) {
            return {largest, store_outcome::saturated};
        }
        if (v < -largest) {
            return {-largest, store_outcome::saturated};
        }
        return {static_cast<float>(v), store_outcome::kept};
    }
    static constexpr bool exists(word w) noexcept { return w == w; }
    static constexpr value load(word w) noexcept { return static_cast<double>(w); }
};

static_assert(cell<float_cell>);

}  // namespace backends
