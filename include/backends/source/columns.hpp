// SPDX-License-Identifier: BSL-1.0
//
// Source: runs a reduction down the columns of a window. Rows are visited from the newest to the
// oldest, with a block of columns at a time in registers: one state and one count per column.
#pragma once

#include <backends/source/reduction.hpp>
#include <backends/storage/slots.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace backends::detail {

/// One column's fold.
template <class Reduction, class Cell>
struct column {
    reduction_state<Reduction, Cell> state{};
    std::uint64_t samples = 0;
};

/// Folds N columns and hands each that has samples to done(dimension, column). Returns the number
/// of samples.
template <class Reduction, std::size_t N, class Chart, class Done>
std::uint64_t reduce_block(const Chart& chart, slot_range range, std::size_t first, Done& done) noexcept {
    using Cell = typename Chart::cell;
    std::array<column<Reduction, Cell>, N> columns{};
    chart.template visit<N>(range, first, [&columns](const auto& row) noexcept {
        for (std::size_t i = 0; i < N; ++i) {
            if (Cell::exists(row[i])) {
                Reduction::add(columns[i].state, Cell::load(row[i]));
                ++columns[i].samples;
            }
        }
    });
    std::uint64_t samples = 0;
    for (std::size_t i = 0; i < N; ++i) {
        if (columns[i].samples != 0) {
            done(first + i, columns[i]);
            samples += columns[i].samples;
        }
    }
    return samples;
}

/// Folds all columns from `first` on, N at a time and the rest in halves.
template <class Reduction, std::size_t N = 8, class Chart, class Done>
std::uint64_t reduce_columns(const Chart& chart, slot_range range, std::size_t first, Done&& done) noexcept {
    std::uint64_t samples = 0;
    for (; first + N <= chart.width(); first += N) {
        samples += reduce_block<Reduction, N>(chart, range, first, done);
    }
    if constexpr (N > 1) {
        samples += reduce_columns<Reduction, N / 2>(chart, range, first, done);
    }
    return samples;
}

}  // namespace backends::detail
