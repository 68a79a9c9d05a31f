// SPDX-License-Identifier: BSL-1.0
//
// Source: runs a reduction down the columns of a window. Rows are visited from the newest to the
// oldest, a block of columns at a time: one state and one count per column. All of it is inlined by
// force: a block's states are to stay in registers from the first row to the last.
#pragma once

#include <backends/source/reduction.hpp>
#include <backends/storage/lanes.hpp>
#include <backends/storage/slots.hpp>

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>

namespace backends::detail {

/// A column's fold, as result() takes it.
template <class Reduction, class Cell>
struct column {
    reduction_state<Reduction, Cell> state;
    std::uint64_t samples;
};

/// N columns, sample by sample: what every reduction over every cell can be.
template <class Reduction, class Cell, std::size_t N>
class fold {
public:
    using load = by_words<typename Cell::word, N>;

    template <class Row>
    void operator()(const Row& row) noexcept {
        for (std::size_t i = 0; i < N; ++i) {
            if (const typename Cell::word word = row[i]; Cell::exists(word)) {
                Reduction::add(columns_[i].state, Cell::load(word));
                ++columns_[i].samples;
            }
        }
    }
    template <class Done>
    void store(Done done) const noexcept {
        for (std::size_t i = 0; i < N; ++i) {
            done(i, columns_[i].state, columns_[i].samples);
        }
    }

private:
    std::array<column<Reduction, Cell>, N> columns_{};
};

template <class Reduction, class Cell, std::size_t N>
struct fold_for {
    using type = fold<Reduction, Cell, N>;
    static constexpr std::size_t most = 8;
};
/// A reduction whose state is the cell's sum is left to the cell, where that can sum columns at once.
/// A cell that is derived from another has to say so anew: what it changed, the other's sums ignore.
template <class Reduction, class Cell, std::size_t N>
    requires(std::same_as<reduction_state<Reduction, Cell>, typename Cell::sum> &&
             std::same_as<typename Cell::template sums<N>::cell, Cell>)
struct fold_for<Reduction, Cell, N> {
    using type = typename Cell::template sums<N>;
    static constexpr std::size_t most = Cell::most_sums;
};

/// Folds one column sample by sample and checks every row: for windows that are overwritten while
/// they are read, and for samples that a cell's sums cannot take.
template <class Reduction, class Chart>
[[gnu::noinline]] column<Reduction, typename Chart::cell> fold_carefully(
    const Chart& chart, slot_range range, std::size_t index) noexcept {
    column<Reduction, typename Chart::cell> out{};
    fold<Reduction, typename Chart::cell, 1> one;
    chart.template visit<1>(range, index, one);
    one.store([&out](std::size_t, const auto& state, std::uint64_t samples) noexcept {
        out = {state, samples};
    });
    return out;
}

/// Folds N columns at once. False: fold_carefully() has to.
template <class Block, class Chart>
[[gnu::always_inline]] inline bool fold_block(const Chart& chart, slot_range range,
                                              std::size_t first, Block& block) noexcept {
    if constexpr (requires { Block::most_rows; }) {
        return range.size() <= Block::most_rows &&
               chart.template fold<typename Block::load>(range, first, block) && block.is_exact();
    } else {
        return chart.template fold<typename Block::load>(range, first, block);
    }
}

/// Folds the `n` columns from `first` on into `out`, N at a time while there are as many.
template <class Reduction, std::size_t N, class Chart, class Column>
[[gnu::always_inline]] inline void fold_columns(const Chart& chart, slot_range range,
                                                std::size_t first, std::size_t n,
                                                Column* out) noexcept {
    for (; n >= N; n -= N, first += N, out += N) {
        typename fold_for<Reduction, typename Chart::cell, N>::type block;
        if (fold_block(chart, range, first, block)) [[likely]] {
            block.store([out](std::size_t i, const auto& state, std::uint64_t samples) noexcept {
                out[i] = {state, samples};
            });
        } else {
            for (std::size_t i = 0; i < N; ++i) {
                out[i] = fold_carefully<Reduction>(chart, range, first + i);
            }
        }
    }
    if constexpr (N > 1) {
        if (n != 0) {
            fold_columns<Reduction, (N > 2 ? N - 2 : 1)>(chart, range, first, n, out);
        }
    }
}

/// Folds all columns and hands each that has samples to done(dimension, column). Returns the number
/// of samples.
template <class Reduction, class Chart, class Done>
[[gnu::always_inline]] inline std::uint64_t reduce_columns(const Chart& chart, slot_range range, Done&& done) noexcept {
    using Cell = typename Chart::cell;
    constexpr std::size_t most = fold_for<Reduction, Cell, 1>::most;
    std::array<column<Reduction, Cell>, most> columns;
    std::uint64_t samples = 0;
    for (std::size_t first = 0; first < chart.width(); first += most) {
        const std::size_t n = std::min(most, chart.width() - first);
        fold_columns<Reduction, most>(chart, range, first, n, columns.data());
        for (std::size_t i = 0; i < n; ++i) {
            if (columns[i].samples != 0) {
                done(first + i, columns[i]);
                samples += columns[i].samples;
            }
        }
    }
    return samples;
}

}  // namespace backends::detail
