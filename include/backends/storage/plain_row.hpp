// SPDX-License-Identifier: BSL-1.0
//
// Storage: an open row whose samples are the collected values themselves: put() stores each value
// into the ring and into the last collected ones.
#pragma once

#include <backends/cell/cell.hpp>
#include <backends/core/inline.hpp>
#include <backends/isa.hpp>
#include <backends/storage/collected.hpp>

#include <cstddef>
#include <cstdint>

namespace backends::inline BACKENDS_ISA::detail {

/// Used by the recorder alone. put() is inlined: a call would cost as much as its work.
template <class Cell, class Recording>
class plain_row {
public:
    using word = typename Cell::word;

    plain_row(word* cells, std::uint64_t* collected) noexcept
        : cells_{cells}, collected_{collected} {}

    template <collectable T>
    BACKENDS_INLINE void put(std::size_t i, T value) noexcept {
        const auto stored = Cell::store(static_cast<double>(value), false);
        Recording::store(cells_[i], stored.word);
        Recording::store(collected_[i], to_bits(value, kind_of<T>));
        if (stored.outcome != store_outcome::kept) [[unlikely]] {
            missing_ += static_cast<std::size_t>(stored.outcome == store_outcome::not_finite);
            saturated_ += static_cast<std::size_t>(stored.outcome == store_outcome::saturated);
        }
    }

    /// The number of non-finite values, whose cells are gaps.
    [[nodiscard]] std::size_t missing() const noexcept { return missing_; }
    /// The number of values beyond the cell's range.
    [[nodiscard]] std::size_t saturated() const noexcept { return saturated_; }

private:
    word* cells_;
    std::uint64_t* collected_;
    std::size_t missing_ = 0;
    std::size_t saturated_ = 0;
};

}  // namespace backends::detail
