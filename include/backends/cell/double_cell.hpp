// SPDX-License-Identifier: BSL-1.0
//
// Cell: the default model of the cell concept. Eight bytes; a sum adds doubles in the order of the
// visit, from the newest sample to the oldest. The gap is -0, the one double that changes no sum: a
// fold adds gaps like samples and counts them.
#pragma once

#include <backends/cell/cell.hpp>
#include <backends/cell/column_counts.hpp>
#include <backends/cell/row_views.hpp>
#include <backends/core/inline.hpp>
#include <backends/hardware/registers.hpp>
#include <backends/hardware/require_ieee.hpp>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace backends::inline BACKENDS_ISA {

namespace detail {
/// True for everything but NaN and the infinities. Tests the bits.
constexpr bool is_finite(double v) noexcept {
    constexpr std::uint64_t exponent = 0x7ff0'0000'0000'0000;
    return (std::bit_cast<std::uint64_t>(v) & exponent) != exponent;
}

/// True for finite values without a sign bit, which most samples are: one comparison.
constexpr bool is_finite_without_sign(double v) noexcept {
    constexpr std::uint64_t infinity = 0x7ff0'0000'0000'0000;
    return std::bit_cast<std::uint64_t>(v) < infinity;
}

/// Tests the bits, since +0 == -0 holds for doubles.
constexpr bool is_minus_zero(double v) noexcept {
    return std::bit_cast<std::uint64_t>(v) == std::uint64_t{1} << 63;
}

/// True when the upper 32 bits are those of -0: for -0 and the negative numbers next to it, below
/// 2^-1042 in magnitude.
constexpr bool is_near_minus_zero(double v) noexcept {
    return std::bit_cast<std::uint64_t>(v) >> 32 == 0x8000'0000;
}
}  // namespace detail

/// The sum of double or float cells.
class double_sum {
public:
    constexpr double_sum() noexcept = default;
    constexpr explicit double_sum(double total) noexcept : total_{total} {}  ///< goes on from a sum

    /// Adds a sample; rounds as a double does.
    constexpr double_sum& operator+=(double value) noexcept {
        total_ += value;
        return *this;
    }
    [[nodiscard]] constexpr double total() const noexcept { return total_; }  ///< the sum
    /// Precondition: n > 0.
    [[nodiscard]] constexpr double mean(std::uint64_t n) const noexcept {
        return total_ / static_cast<double>(n);
    }

private:
    double total_ = 0.0;
};

/// double_sum for two columns, in a vector.
class double_sum_pair {
public:
    /// Two sums, a lane each.
    explicit double_sum_pair(detail::f64x2 totals) noexcept : totals_{totals} {}

    [[nodiscard]] detail::f64x2 total() const noexcept { return totals_; }  ///< of both columns
    /// Precondition: both counts are integers above 0.
    [[nodiscard]] detail::f64x2 mean(detail::f64x2 n) const noexcept { return totals_ / n; }

private:
    detail::f64x2 totals_;
};

/// Sums N columns of doubles or floats, two per vector, without a branch: a sample costs half a
/// load and half an addition, and a quarter of a comparison and of a count. Bit-identical to
/// double_sum: same order, and adding a gap changes nothing, since x + -0 = x (except +0 under
/// downward rounding). Preconditions: at most max_slots rows; no sample, as a double, has the upper
/// 32 bits of a gap.
template <class Cell, std::size_t N>
class double_sums {
    static_assert(detail::is_minus_zero(static_cast<double>(Cell::gap)),
                  "the sum adds gaps like samples, so a gap must be -0");

public:
    using pair = double_sum_pair;  ///< two neighbouring columns' sums
    using cell = Cell;             ///< whose words are summed
    /// The row view that operator() takes.
    using load = detail::paired_row<typename Cell::word, N>;

    /// Adds one row to the sums of its N columns.
    template <class Row>
    BACKENDS_INLINE void operator()(const Row& row) noexcept {
        ++rows_;
        detail::each<quads>([&]<std::size_t I>() BACKENDS_INLINE { add<I>(row); });
    }

    /// Calls done(i, sum, number of samples) for every column, in a loop: only rare windows have an
    /// empty column and cannot use store_pairs().
    template <class Done>
    BACKENDS_INLINE void store(Done done) const noexcept {
        const auto totals = std::bit_cast<std::array<double, 2 * load::pairs>>(totals_);
        const auto samples = counts().all();
        for (std::size_t i = 0; i < N; ++i) {
            done(i, double_sum{totals[i]}, samples[i]);
        }
    }
    /// The number of samples in all columns together.
    [[nodiscard]] BACKENDS_INLINE std::uint64_t samples() const noexcept { return counts().sum(); }
    /// True when store_pairs() may be called: every column has a sample.
    [[nodiscard]] BACKENDS_INLINE bool has_pairs() const noexcept {
        return counts().none_is_zero();
    }
    /// Calls done(first, sums, counts) for every two columns. Precondition: has_pairs().
    template <class Done>
    BACKENDS_INLINE void store_pairs(Done done) const noexcept {
        detail::each<load::pairs>([&]<std::size_t I>() BACKENDS_INLINE {
            done(2 * I, double_sum_pair{totals_[I]}, counts().template of_two<2 * I>());
        });
    }

private:
    static constexpr std::size_t quads = detail::column_counts<N>::quads;
    static constexpr bool ends_with_a_pair = load::pairs % 2 != 0;  // the last quad has one pair

    template <std::size_t I, class Row>
    BACKENDS_INLINE void add(const Row& row) noexcept {
        const detail::f64x2 a = row.template pair<2 * I>();
        totals_[2 * I] += a;
        if constexpr (ends_with_a_pair && I + 1 == quads) {
            count<I>(std::bit_cast<detail::u32x4>(a));
        } else {
            const detail::f64x2 b = row.template pair<2 * I + 1>();
            totals_[2 * I + 1] += b;
            count<I>(detail::high_words(std::bit_cast<detail::u32x4>(a),
                                        std::bit_cast<detail::u32x4>(b)));
        }
    }
    /// Compares upper halves only: store() keeps the gap's upper half out of samples. On SSE2 whole
    /// doubles would take three instructions for every two.
    template <std::size_t I>
    BACKENDS_INLINE void count(detail::u32x4 uppers) noexcept {
        constexpr std::uint32_t gap = 0x8000'0000;
        minus_gaps_[I] += std::bit_cast<detail::u32x4>(uppers == gap);  // a mask is -1
    }
    [[nodiscard]] BACKENDS_INLINE detail::column_counts<N> counts() const noexcept {
        detail::column_counts<N> all{rows_, minus_gaps_};
        if constexpr (ends_with_a_pair) {
            all.unpack_last_pair();
        }
        return all;
    }

    std::array<detail::f64x2, load::pairs> totals_{};
    std::array<detail::u32x4, quads> minus_gaps_{};  // a lone pair's counts are in its upper halves
    std::uint64_t rows_ = 0;
};

/// A sample as a double. Stores 0 for -0 and for negative values below 2^-1042 in magnitude.
struct double_cell {
    using word = double;
    using value = double;
    using number = double;
    using sum = double_sum;
    template <std::size_t N>
    using sums = double_sums<double_cell, N>;
    static constexpr std::size_t max_columns = 12;  // six totals and three counts fit the registers

    static constexpr word gap = -0.0;

    static constexpr stored_word<word> store(double v, bool /*was_reset*/ = false) noexcept {
        if (detail::is_finite_without_sign(v)) [[likely]] {
            return {v, store_outcome::kept};
        }
        if (!detail::is_finite(v)) {
            return {gap, store_outcome::not_finite};
        }
        if (detail::is_near_minus_zero(v)) [[unlikely]] {
            return {0.0, store_outcome::kept};
        }
        return {v, store_outcome::kept};
    }
    static constexpr bool exists(word w) noexcept { return !detail::is_minus_zero(w); }
    static constexpr value load(word w) noexcept { return w; }
};

static_assert(cell<double_cell>);

}  // namespace backends
