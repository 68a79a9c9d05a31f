// SPDX-License-Identifier: BSL-1.0
//
// Cell: sums of several columns of packed cells at once, as exact as packed_sum: whole numbers
// of units, kept in doubles while these hold them, so that vectors can add them up and divide.
#pragma once

#include <backends/cell/column_counts.hpp>
#include <backends/cell/packed_sum.hpp>
#include <backends/cell/packed_word.hpp>
#include <backends/cell/row_views.hpp>
#include <backends/hardware/registers.hpp>
#include <backends/hardware/require_ieee.hpp>
#include <backends/hardware/value_array.hpp>

#include <array>
#include <bit>
#include <cfloat>
#include <cstddef>
#include <cstdint>

namespace backends::inline BACKENDS_ISA {

/// The sums of two columns in units, whole numbers below 2^52: what packed_sum is for one.
class packed_sum_pair {
public:
    explicit packed_sum_pair(detail::f64x2 units) noexcept : units_{units} {}

    [[nodiscard]] detail::decimal_pair total() const noexcept { return {units_}; }
    /// Rounded once, half to even. Preconditions: both counts are whole numbers and not 0; the
    /// rounding mode is the usual one, to the nearest.
    ///
    /// The sum being below 2^52, the last place of the quotient is less than 1 / n, and its error
    /// half of that. What is not a tie between two whole numbers is at least 1 / 2n away from it,
    /// so it is on the same side of it still when it is rounded to a whole number.
    [[nodiscard]] detail::decimal_pair mean(detail::f64x2 n) const noexcept {
        return {detail::round_to_even(units_ / n)};
    }

private:
    detail::f64x2 units_;
};

/// N columns of packed cells, none of them scaled up. Each gets what packed_sum gives it; a gap,
/// word 0, adds nothing. Two samples cost one multiplication and no branch. Whether all words were
/// of the usual kind is asked once, at the end.
template <std::size_t N>
class packed_sums {
public:
    using pair = packed_sum_pair;
    using cell = struct packed_cell;
    using load = detail::word_row<std::uint32_t, N>;

    template <class Row>
    [[gnu::always_inline]] void operator()(const Row& row) noexcept {
        ++rows_;
        detail::each<quads>([&]<std::size_t I>() __attribute__((always_inline)) { add<I>(row); });
        if (rows_ % rows_in_doubles == 0) [[unlikely]] {
            carry();
        }
    }

    /// Whether the sums are those of all samples: not when one of them was scaled up, nor when
    /// there were so many that they may have left 64 bits.
    [[nodiscard, gnu::always_inline]] bool is_exact() const noexcept {
        const auto four = std::bit_cast<std::array<std::uint32_t, 4>>(all_);
        return ((four[0] | four[1] | four[2] | four[3]) & detail::packed::multiply) == 0 &&
               rows_ <= max_rows;
    }

    /// Calls done(i, sum, number of samples) for every column. Precondition: is_exact().
    template <class Done>
    [[gnu::always_inline]] void store(Done done) const noexcept {
        detail::each<N>([&]<std::size_t I>() __attribute__((always_inline)) {
            const auto two = std::bit_cast<std::array<double, 2>>(totals_[I / 2]);
            done(I, narrow_packed_sum{static_cast<std::int64_t>(carried_[I] + whole(two[I % 2]))},
                 counts().template of<I>());
        });
    }
    /// How many samples there are in all columns. Precondition: is_exact().
    [[nodiscard, gnu::always_inline]] std::uint64_t samples() const noexcept {
        return counts().sum();
    }
    /// Whether store_pairs() serves: all columns have samples, and few enough that no sum reaches
    /// 2^52. Precondition: is_exact().
    [[nodiscard, gnu::always_inline]] bool has_pairs() const noexcept {
        return rows_ <= rows_in_pairs && counts().none_is_zero();
    }
    /// Calls done(first, sums, counts) for every two columns. Missing where doubles are reckoned
    /// with in registers of more bits, which would round twice.
    template <class Done>
    [[gnu::always_inline]] void store_pairs(Done done) const noexcept
        requires(FLT_EVAL_METHOD == 0)
    {
        detail::each<pairs>([&]<std::size_t I>() __attribute__((always_inline)) {
            done(2 * I, packed_sum_pair{totals_[I]}, counts().template of_two<2 * I>());
        });
    }

private:
    static constexpr std::size_t quads = detail::column_counts<N>::quads;
    static constexpr std::size_t pairs = (N + 1) / 2;

    // A sample has at most 1.6777215e14 units, so these stay below 2^52, 2^53 and 2^63.
    static constexpr std::uint64_t rows_in_pairs = 26;
    static constexpr std::uint64_t rows_in_doubles = 1U << 5;
    static constexpr std::uint64_t max_rows = 1U << 15;

    template <std::size_t I, class Row>
    [[gnu::always_inline]] void add(const Row& row) noexcept {
        const detail::u32x4 words = row.template quad<I>();
        all_ |= words;
        minus_gaps_[I] += std::bit_cast<detail::u32x4>(words == 0);  // a mask is -1
        const detail::u32x4 significands = words & detail::packed::largest;
        totals_[2 * I] += detail::to_f64x2<0>(significands) * steps<4 * I>(row, words);
        if constexpr (4 * I + 2 < N) {
            totals_[2 * I + 1] += detail::to_f64x2<1>(significands) * steps<4 * I + 2>(row, words);
        }
    }
    /// The units that the significands of columns I and I + 1 count, with the words' signs.
    /// `words`: those of the four columns that they belong to.
    template <std::size_t I, class Row>
    [[gnu::always_inline]] static detail::f64x2 steps(const Row& row,
                                                      detail::u32x4 words) noexcept {
        if constexpr (I + 1 == N) {
            return detail::f64x2{*step<I>(row, words), 0.0};
        } else {
            return detail::gather2(step<I>(row, words), step<I + 1>(row, words));
        }
    }
    /// By the top byte of the word: out of memory where that is possible, which is faster than out
    /// of the middle of a register.
    template <std::size_t I, class Row>
    [[gnu::always_inline]] static const double* step(const Row& row, detail::u32x4 words) noexcept {
        if constexpr (requires { row.template top_byte<I>(); }) {
            return detail::packed::signed_steps.data() + row.template top_byte<I>();
        } else {
            return detail::packed::signed_steps.data() + (words[I % 4] >> 24);
        }
    }
    [[nodiscard, gnu::always_inline]] detail::column_counts<N> counts() const noexcept {
        return {rows_, minus_gaps_};
    }
    /// Modulo 2^64, so that too many rows are no error until is_exact() is asked.
    static std::uint64_t whole(double units) noexcept {
        return static_cast<std::uint64_t>(static_cast<std::int64_t>(units));
    }
    /// Makes room for the next rows.
    [[gnu::always_inline]] void carry() noexcept {
        detail::each<N>([&]<std::size_t I>() __attribute__((always_inline)) {
            const auto two = std::bit_cast<std::array<double, 2>>(totals_[I / 2]);
            carried_[I] += whole(two[I % 2]);
        });
        totals_ = {};
    }

    std::array<detail::f64x2, pairs> totals_{};
    std::array<detail::u32x4, quads> minus_gaps_{};
    detail::u32x4 all_{};
    std::uint64_t rows_ = 0;
    std::array<std::uint64_t, N> carried_{};  // of earlier rows, when doubles would not take all
};

}  // namespace backends
