// SPDX-License-Identifier: BSL-1.0
//
// Cell: the number of samples in each column: rows minus gaps, four columns to a vector. Shared by
// all column sums.
#pragma once

#include <backends/cell/cell.hpp>
#include <backends/core/inline.hpp>
#include <backends/hardware/registers.hpp>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace backends::inline BACKENDS_ISA::detail {

/// The sample counts of N columns. Precondition of all members: I < N.
template <std::size_t N>
class column_counts {
public:
    static constexpr std::size_t quads = (N + 3) / 4;

    /// `negated_gaps`: the sum of comparison masks, so -(number of gaps) per lane. Preconditions:
    /// at most max_slots rows; unused lanes must have counted a gap in every row, unless
    /// unpack_last_pair() is called before all else.
    BACKENDS_INLINE column_counts(std::uint64_t rows,
                                  const std::array<u32x4, quads>& negated_gaps) noexcept
        : rows_{rows} {
        for (std::size_t quad = 0; quad < quads; ++quad) {
            counts_[quad] = negated_gaps[quad] + static_cast<std::uint32_t>(rows);
        }
    }

    /// For a last quad of one pair: moves its counts from the high words of two 64-bit lanes to the
    /// first two lanes.
    BACKENDS_INLINE void unpack_last_pair() noexcept {
        counts_.back() = high_words(counts_.back(), u32x4{});
    }

    template <std::size_t I>
    [[nodiscard]] BACKENDS_INLINE std::uint64_t of() const noexcept {
        return std::bit_cast<std::array<std::uint32_t, 4>>(counts_[I / 4])[I % 4];
    }
    /// The counts of all columns, then zeros.
    [[nodiscard]] std::array<std::uint32_t, 4 * quads> all() const noexcept {
        return std::bit_cast<std::array<std::uint32_t, 4 * quads>>(counts_);
    }
    /// The counts of columns I and I + 1 as doubles. Precondition: I is even.
    template <std::size_t I>
    [[nodiscard]] BACKENDS_INLINE f64x2 of_two() const noexcept {
        return to_f64x2<I / 2 % 2>(counts_[I / 4]);
    }
    /// The number of samples in all columns together.
    [[nodiscard]] BACKENDS_INLINE std::uint64_t sum() const noexcept {
        if constexpr (2ULL * quads * max_slots >= 1ULL << 32) {  // two lanes need more than 32 bits
            std::uint64_t all = 0;
            each<N>([&]<std::size_t I>() BACKENDS_INLINE { all += of<I>(); });
            return all;
        }
        u32x4 all{};
        for (std::size_t quad = 0; quad < quads; ++quad) {
            all += counts_[quad];
        }
        const auto two = std::bit_cast<std::array<std::uint64_t, 2>>(all);
        const std::uint64_t halves = two[0] + two[1];  // two 32-bit sums; none carries
        return (halves & 0xffff'ffff) + (halves >> 32);
    }
    /// True when every column has a sample.
    [[nodiscard]] BACKENDS_INLINE bool none_is_zero() const noexcept {
        if (N * rows_ - sum() < rows_) [[likely]] {
            return true;  // a column without samples has a gap in every row
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
