// SPDX-License-Identifier: BSL-1.0
//
// Cell: how many samples each of several columns has, out of the gaps that were counted four
// columns in a register. What the sums of all cells share.
#pragma once

#include <backends/cell/cell.hpp>
#include <backends/hardware/registers.hpp>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace backends::inline BACKENDS_ISA::detail {

/// Of N columns. Precondition of all members: I < N.
template <std::size_t N>
class column_counts {
public:
    static constexpr std::size_t quads = (N + 3) / 4;

    /// `negated_gaps` is the sum of comparison masks: minus the number of gaps in each lane.
    /// Preconditions: at most max_slots rows; lanes without a column counted a gap in every row,
    /// unless unpack_last_pair() is called before all else.
    [[gnu::always_inline]] column_counts(std::uint64_t rows,
                                         const std::array<u32x4, quads>& negated_gaps) noexcept
        : rows_{rows} {
        for (std::size_t quad = 0; quad < quads; ++quad) {
            counts_[quad] = negated_gaps[quad] + static_cast<std::uint32_t>(rows);
        }
    }

    /// The last two columns are alone in their quad, and were compared as two doubles, not as
    /// halves.
    [[gnu::always_inline]] void unpack_last_pair() noexcept {
        counts_.back() = high_words(counts_.back(), u32x4{});
    }

    template <std::size_t I>
    [[nodiscard, gnu::always_inline]] std::uint64_t of() const noexcept {
        return std::bit_cast<std::array<std::uint32_t, 4>>(counts_[I / 4])[I % 4];
    }
    /// Of all columns, and zeros behind them.
    [[nodiscard]] std::array<std::uint32_t, 4 * quads> all() const noexcept {
        return std::bit_cast<std::array<std::uint32_t, 4 * quads>>(counts_);
    }
    /// Those of columns I and I + 1, as the doubles that equal them. Precondition: I is even.
    template <std::size_t I>
    [[nodiscard, gnu::always_inline]] f64x2 of_two() const noexcept {
        return to_f64x2<I / 2 % 2>(counts_[I / 4]);
    }
    /// Of all columns together.
    [[nodiscard, gnu::always_inline]] std::uint64_t sum() const noexcept {
        if constexpr (2ULL * quads * max_slots >= 1ULL << 32) {  // two lanes need more than 32 bits
            std::uint64_t all = 0;
            each<N>([&]<std::size_t I>() __attribute__((always_inline)) { all += of<I>(); });
            return all;
        }
        u32x4 all{};
        for (std::size_t quad = 0; quad < quads; ++quad) {
            all += counts_[quad];
        }
        const auto two = std::bit_cast<std::array<std::uint64_t, 2>>(all);
        const std::uint64_t halves = two[0] + two[1];  // two sums in one, and no carry between them
        return (halves & 0xffff'ffff) + (halves >> 32);
    }
    /// Whether no column is without samples.
    [[nodiscard, gnu::always_inline]] bool none_is_zero() const noexcept {
        if (N * rows_ - sum() < rows_) [[likely]] {
            return true;  // a column without samples alone has a gap in every row
        }
        bool are_some = true;
        for (std::size_t i = 0; i < N; ++i) {
            are_some = are_some && all()[i] != 0;
        }
        return are_some;
    }

private:
    std::uint64_t rows_;
    std::array<u32x4, quads> counts_;
};

}  // namespace backends::detail
