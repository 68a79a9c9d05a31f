// SPDX-License-Identifier: BSL-1.0
//
// Storage: the default model of the cell concept. Eight bytes, NaN is the gap, sums are doubles
// added in the order of the visit, from the newest sample to the oldest.
#pragma once

#include <backends/storage/cell.hpp>
#include <backends/storage/lanes.hpp>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

#if defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__
#error \
    "backends: -ffinite-math-only (part of -ffast-math) deletes the tests for NaN, which is the gap of double and float cells"
#endif

namespace backends {

namespace detail {
/// By its bits: true for everything but NaN and the infinities.
constexpr bool is_finite(double v) noexcept {
    constexpr std::uint64_t exponent = 0x7ff0'0000'0000'0000;
    return (std::bit_cast<std::uint64_t>(v) & exponent) != exponent;
}
}  // namespace detail

/// The sum of double or float cells.
class double_sum {
public:
    constexpr double_sum() noexcept = default;
    constexpr explicit double_sum(double total) noexcept : total_{total} {}

    constexpr double_sum& operator+=(double value) noexcept {
        total_ += value;
        return *this;
    }
    [[nodiscard]] constexpr double total() const noexcept { return total_; }
    /// Precondition: n > 0.
    [[nodiscard]] constexpr double mean(std::uint64_t n) const noexcept {
        return total_ / static_cast<double>(n);
    }

private:
    double total_ = 0.0;
};

/// The sums of two columns: what double_sum is for one, in both halves of a vector.
class double_sum_pair {
public:
    explicit double_sum_pair(detail::two_doubles totals) noexcept : totals_{totals} {}

    [[nodiscard]] detail::two_doubles total() const noexcept { return totals_; }
    /// Precondition: both counts are below 2^52 and not 0.
    [[nodiscard]] detail::two_doubles mean(detail::two_masks n) const noexcept {
        return totals_ / detail::as_doubles(n);
    }

private:
    detail::two_doubles totals_;
};

/// N columns of cells that are doubles or floats, summed two in a register and without a branch. Each
/// column gets what double_sum gives it, bit by bit: its samples are added in the same order, and the
/// zero that stands for a gap changes no sum (none is ever -0, since all begin with +0).
template <class Cell, std::size_t N>
class double_sums {
public:
    using cell = Cell;
    using load = detail::by_lanes<typename Cell::word, N>;

    template <class Row>
    [[gnu::always_inline]] void operator()(const Row& row) noexcept {
        detail::each<load::pairs>([&]<std::size_t I>() __attribute__((always_inline)) {
            add<I>(row.template pair<I>());
        });
    }

    /// Calls done(i, sum, number of samples) for every column.
    template <class Done>
    [[gnu::always_inline]] void store(Done done) const noexcept {
        detail::each<N>([&]<std::size_t I>() __attribute__((always_inline)) {
            const auto totals = std::bit_cast<std::array<double, 2>>(totals_[I / 2]);
            const auto counts = std::bit_cast<std::array<std::uint64_t, 2>>(counts_[I / 2]);
            done(I, double_sum{totals[I % 2]}, counts[I % 2]);
        });
    }
    /// Whether every column has samples, and how many there are in all.
    [[nodiscard, gnu::always_inline]] bool all_have_samples() const noexcept {
        detail::two_masks none{};
        for (const detail::two_masks n : counts_) {
            none |= n - 1;  // negative for 0 alone
        }
        return !detail::any(none);
    }
    [[nodiscard, gnu::always_inline]] std::uint64_t samples() const noexcept {
        detail::two_masks sum{};
        for (const detail::two_masks n : counts_) {
            sum += n;
        }
        const auto both = std::bit_cast<std::array<std::uint64_t, 2>>(sum);
        return both[0] + both[1];
    }
    /// Calls done(first, sums, counts) for every two columns.
    template <class Done>
    [[gnu::always_inline]] void store_pairs(Done done) const noexcept {
        detail::each<load::pairs>([&]<std::size_t I>() __attribute__((always_inline)) {
            done(2 * I, double_sum_pair{totals_[I]}, counts_[I]);
        });
    }

private:
    template <std::size_t I>
    [[gnu::always_inline]] void add(detail::two_doubles samples) noexcept {
        const detail::two_masks exists = samples == samples;  // a gap is NaN
        totals_[I] += exists ? samples : detail::two_doubles{};
        counts_[I] -= exists;  // a mask is -1
    }

    std::array<detail::two_doubles, load::pairs> totals_{};
    std::array<detail::two_masks, load::pairs> counts_{};
};

/// A sample as a double.
struct double_cell {
    using word = double;
    using value = double;
    using number = double;
    using sum = double_sum;
    template <std::size_t N>
    using sums = double_sums<double_cell, N>;
    static constexpr std::size_t most_sums = 12;  // six totals, six counts: what registers hold

    static constexpr word gap = std::numeric_limits<double>::quiet_NaN();

    static constexpr stored_word<word> store(double v, bool /*was_reset*/ = false) noexcept {
        if (!detail::is_finite(v)) {
            return {gap, store_outcome::not_finite};
        }
        return {v, store_outcome::kept};
    }
    static constexpr bool exists(word w) noexcept { return w == w; }
    static constexpr value load(word w) noexcept { return w; }
};

static_assert(cell<double_cell>);

}  // namespace backends
