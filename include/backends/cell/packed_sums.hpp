// SPDX-License-Identifier: BSL-1.0
//
// Cell: exact sums of several columns of packed cells at once. Doubles hold the integer units as
// long as they can, so vectors add and divide them.
#pragma once

#include <backends/cell/column_counts.hpp>
#include <backends/cell/packed_sum.hpp>
#include <backends/cell/packed_word.hpp>
#include <backends/cell/row_views.hpp>
#include <backends/core/inline.hpp>
#include <backends/hardware/registers.hpp>
#include <backends/hardware/require_ieee.hpp>
#include <backends/hardware/value_array.hpp>

#include <array>
#include <bit>
#include <cfloat>
#include <cstddef>
#include <cstdint>

namespace backends::inline BACKENDS_ISA {

/// packed_sum for two columns: units in doubles, integers below 2^52.
class packed_sum_pair {
public:
    /// Two sums of units, a lane each.
    explicit packed_sum_pair(detail::f64x2 units) noexcept : units_{units} {}

    /// Of both columns, exact.
    [[nodiscard]] detail::decimal_pair total() const noexcept { return {units_}; }
    /// Rounds once, half to even. Preconditions: both counts are integers above 0; the rounding
    /// mode is to nearest.
    ///
    /// Rounding twice is safe. |sum| < 2^52, so the quotient's error is below 1/(2n). A quotient
    /// that is not a tie is at least 1/(2n) away from one, so the division cannot move it across.
    [[nodiscard]] detail::decimal_pair mean(detail::f64x2 n) const noexcept {
        return {detail::round_to_even(units_ / n)};
    }

private:
    detail::f64x2 units_;
};

/// Sums N columns of packed cells, exactly as packed_sum does, unless one is scaled up. A gap, word
/// 0, adds nothing. Two samples cost one multiplication and no branch. is_exact() checks all words
/// at once, at the end.
template <std::size_t N>
class packed_sums {
public:
    using pair = packed_sum_pair;                     ///< two neighbouring columns' sums
    using cell = struct packed_cell;                  ///< whose words are summed
    using load = detail::word_row<std::uint32_t, N>;  ///< the row view that operator() takes

    /// Adds one row to the sums of its N columns.
    template <class Row>
    BACKENDS_INLINE void operator()(const Row& row) noexcept {
        ++rows_;
        detail::each<quads>([&]<std::size_t I>() BACKENDS_INLINE { add<I>(row); });
        if (rows_ % rows_in_doubles == 0) [[unlikely]] {
            carry();
        }
    }

    /// True when the sums are complete: no sample was scaled up, and the rows were few enough for
    /// 64 bits.
    [[nodiscard]] BACKENDS_INLINE bool is_exact() const noexcept {
        const auto four = std::bit_cast<std::array<std::uint32_t, 4>>(all_);
        return ((four[0] | four[1] | four[2] | four[3]) & detail::packed::multiply) == 0 &&
               rows_ <= max_rows;
    }

    /// Calls done(i, sum, number of samples) for every column. Precondition: is_exact().
    template <class Done>
    BACKENDS_INLINE void store(Done done) const noexcept {
        detail::each<N>([&]<std::size_t I>() BACKENDS_INLINE {
            const auto two = std::bit_cast<std::array<double, 2>>(totals_[I / 2]);
            done(I, narrow_packed_sum{static_cast<std::int64_t>(carried_[I] + whole(two[I % 2]))},
                 counts().template of<I>());
        });
    }
    /// The number of samples in all columns together. Precondition: is_exact().
    [[nodiscard]] BACKENDS_INLINE std::uint64_t samples() const noexcept { return counts().sum(); }
    /// True when store_pairs() may be called: every column has a sample, and the rows are too few
    /// for a sum of 2^52. Precondition: is_exact().
    [[nodiscard]] BACKENDS_INLINE bool has_pairs() const noexcept {
        return rows_ <= rows_in_pairs && counts().none_is_zero();
    }
    /// Calls done(first, sums, counts) for every two columns. Precondition: has_pairs(). Missing
    /// where the compiler computes doubles in wider registers, which would round twice.
    template <class Done>
    BACKENDS_INLINE void store_pairs(Done done) const noexcept
        requires(FLT_EVAL_METHOD == 0)
    {
        detail::each<pairs>([&]<std::size_t I>() BACKENDS_INLINE {
            done(2 * I, packed_sum_pair{totals_[I]}, counts().template of_two<2 * I>());
        });
    }

private:
    static constexpr std::size_t quads = detail::column_counts<N>::quads;
    static constexpr std::size_t pairs = (N + 1) / 2;

    // A sample has at most 1.6777215e14 units, so these sums stay below 2^52, 2^53 and 2^63.
    static constexpr std::uint64_t rows_in_pairs = 26;
    static constexpr std::uint64_t rows_in_doubles = 1U << 5;
    static constexpr std::uint64_t max_rows = 1U << 15;

    template <std::size_t I, class Row>
    BACKENDS_INLINE void add(const Row& row) noexcept {
        const detail::u32x4 words = row.template quad<I>();
        all_ |= words;
        minus_gaps_[I] += std::bit_cast<detail::u32x4>(words == 0);  // a mask is -1
        const detail::u32x4 significands = words & detail::packed::largest;
        totals_[2 * I] += detail::to_f64x2<0>(significands) * steps<4 * I>(row, words);
        if constexpr (4 * I + 2 < N) {
            totals_[2 * I + 1] += detail::to_f64x2<1>(significands) * steps<4 * I + 2>(row, words);
        }
    }
    /// The signed units per significand step of columns I and I + 1. `words`: their quad.
    template <std::size_t I, class Row>
    BACKENDS_INLINE static detail::f64x2 steps(const Row& row, detail::u32x4 words) noexcept {
        if constexpr (I + 1 == N) {
            return detail::f64x2{*step<I>(row, words), 0.0};
        } else {
            return detail::gather2(step<I>(row, words), step<I + 1>(row, words));
        }
    }
    /// Looks up the word's top byte. Loads it from memory where possible: that is faster than
    /// extracting it from a vector register.
    template <std::size_t I, class Row>
    BACKENDS_INLINE static const double* step(const Row& row, detail::u32x4 words) noexcept {
        if constexpr (requires { row.template top_byte<I>(); }) {
            return detail::packed::signed_steps.data() + row.template top_byte<I>();
        } else {
            return detail::packed::signed_steps.data() + (words[I % 4] >> 24);
        }
    }
    [[nodiscard]] BACKENDS_INLINE detail::column_counts<N> counts() const noexcept {
        return {rows_, minus_gaps_};
    }
    /// Wraps modulo 2^64: an overflow is harmless, since is_exact() then returns false.
    static std::uint64_t whole(double units) noexcept {
        return static_cast<std::uint64_t>(static_cast<std::int64_t>(units));
    }
    /// Moves the totals out of the doubles, to make room for the next rows.
    BACKENDS_INLINE void carry() noexcept {
        detail::each<N>([&]<std::size_t I>() BACKENDS_INLINE {
            const auto two = std::bit_cast<std::array<double, 2>>(totals_[I / 2]);
            carried_[I] += whole(two[I % 2]);
        });
        totals_ = {};
    }

    std::array<detail::f64x2, pairs> totals_{};
    std::array<detail::u32x4, quads> minus_gaps_{};
    detail::u32x4 all_{};
    std::uint64_t rows_ = 0;
    std::array<std::uint64_t, N> carried_{};  // the units of earlier rows
};

}  // namespace backends
