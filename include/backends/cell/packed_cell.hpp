// SPDX-License-Identifier: BSL-1.0
//
// Cell: a decimal in four bytes (packed_word.hpp), so a window's sum is an exact integer. Range
// +-1.6777215e14, step 1e-7 below 1.6777215, relative error at most 3e-7.
#pragma once

#include <backends/cell/cell.hpp>
#include <backends/cell/double_cell.hpp>
#include <backends/cell/packed_sum.hpp>
#include <backends/cell/packed_sums.hpp>
#include <backends/cell/packed_word.hpp>

#include <cstddef>
#include <cstdint>

namespace backends::inline BACKENDS_ISA {

/// A sample as a decimal in four bytes.
struct packed_cell {
    using word = std::uint32_t;
    using value = packed_value;
    using number = decimal;
    using sum = packed_sum;
    template <std::size_t N>
    using sums = packed_sums<N>;
    static constexpr std::size_t max_columns = 12;

    static constexpr word gap = 0;

    /// Rounds to the nearest packed decimal, half to even. A value that rounds to zero becomes +0.
    static constexpr stored_word<word> store(double v, bool was_reset = false) noexcept {
        namespace packed = detail::packed;
        const std::uint32_t kind = was_reset ? packed::sample_after_reset : packed::sample;
        if (!detail::is_finite(v)) {
            return {gap, store_outcome::not_finite};
        }
        const double magnitude = v < 0 ? -v : v;
        const std::uint32_t sign = v < 0 ? packed::negative : 0;
        if (magnitude >= packed::fits_below[0]) [[unlikely]] {
            return store_large(magnitude, sign | kind);
        }
        std::uint32_t p = 0;
        for (std::uint32_t power = 1; power <= packed::largest_power; ++power) {
            p += static_cast<std::uint32_t>(magnitude < packed::fits_below[power]);
        }
        const std::uint32_t significand = packed::round<false>(magnitude, p);
        if (significand == 0) {
            return {kind, store_outcome::kept};
        }
        return {sign | (p << packed::power_shift) | kind | significand, store_outcome::kept};
    }
    static constexpr bool exists(word w) noexcept { return (w & detail::packed::flags) != 0; }
    static constexpr value load(word w) noexcept { return value{w}; }

    /// True when the sample was stored with was_reset.
    static constexpr bool was_reset(word w) noexcept {
        return (w & detail::packed::flags) == detail::packed::sample_after_reset;
    }

private:
    static constexpr stored_word<word> store_large(double magnitude, std::uint32_t rest) noexcept {
        namespace packed = detail::packed;
        for (std::uint32_t p = 1; p <= packed::largest_power; ++p) {
            if (magnitude < packed::tie_above<true>(packed::largest, p)) {
                const std::uint32_t significand = packed::round<true>(magnitude, p);
                return {rest | packed::multiply | (p << packed::power_shift) | significand,
                        store_outcome::kept};
            }
        }
        constexpr std::uint32_t end =
            packed::multiply | (7U << packed::power_shift) | packed::largest;
        return {rest | end, store_outcome::saturated};
    }
};

static_assert(cell<packed_cell>);

}  // namespace backends
