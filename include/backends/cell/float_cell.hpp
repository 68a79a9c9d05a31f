// SPDX-License-Identifier: BSL-1.0
//
// Cell: a cell of four bytes. Half the memory of a double and 24 bits of precision: 12.3 prints as
// 12.3000002. Sums are doubles, and the gap is -0, as in double_cell.
#pragma once

#include <backends/cell/double_cell.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace backends::inline BACKENDS_ISA {

/// A sample as a float. Finite values beyond the largest float saturate. Stores 0 for -0 and for
/// negative denormals, which a thread in denormals-are-zero mode would read as gaps.
struct float_cell {
    using word = float;
    using value = double;
    using number = double;
    using sum = double_sum;
    template <std::size_t N>
    using sums = double_sums<float_cell, N>;
    static constexpr std::size_t max_columns = double_cell::max_columns;

    static constexpr word gap = -0.0F;

    static constexpr stored_word<word> store(double v, bool /*was_reset*/ = false) noexcept {
        constexpr float largest = (std::numeric_limits<float>::max)();
        if (!detail::is_finite(v)) {
            return {gap, store_outcome::not_finite};
        }
        if (v > static_cast<double>(largest)) {
            return {largest, store_outcome::saturated};
        }
        if (v < -static_cast<double>(largest)) {
            return {-largest, store_outcome::saturated};
        }
        constexpr float smallest = (std::numeric_limits<float>::min)();
        const auto nearest = static_cast<float>(v);
        const bool is_zero = nearest <= 0 && nearest > -smallest;
        return {is_zero ? 0.0F : nearest, store_outcome::kept};
    }
    static constexpr bool exists(word w) noexcept {
        return std::bit_cast<std::uint32_t>(w) != std::uint32_t{1} << 31;
    }
    static constexpr value load(word w) noexcept { return static_cast<double>(w); }
};

static_assert(cell<float_cell>);

}  // namespace backends
