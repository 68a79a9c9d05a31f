// SPDX-License-Identifier: BSL-1.0
//
// Source: applies a reduction to the columns of a window. Visits the rows from the newest to the
// oldest, a block of columns at a time, with one state and one count per column. Forced inlining
// keeps a block's states in registers from the first row to the last.
#pragma once

#include <backends/cell/row_views.hpp>
#include <backends/core/inline.hpp>
#include <backends/source/reduction.hpp>
#include <backends/source/value_block.hpp>
#include <backends/storage/slots.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace backends::inline BACKENDS_ISA::detail {

/// A column's state and sample count, for result().
template <class Reduction, class Cell>
struct column {
    reduction_state<Reduction, Cell> state;
    std::uint64_t samples;
};

/// Folds N columns sample by sample. Works for every reduction and cell.
template <class Reduction, class Cell, std::size_t N>
class fold {
public:
    using load = word_row<typename Cell::word, N>;

    template <class Row>
    BACKENDS_INLINE void operator()(const Row& row) noexcept {
        for (std::size_t i = 0; i < N; ++i) {
            if (const typename Cell::word word = row[i]; Cell::exists(word)) {
                Reduction::add(columns_[i].state, Cell::load(word));
                ++columns_[i].samples;
            }
        }
    }
    template <class Done>
    BACKENDS_INLINE void store(Done done) const noexcept {
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
/// Uses the cell's own column sums if the reduction's state is the cell's sum. A derived cell must
/// declare its own `sums`: inherited ones would ignore its changes.
template <class Reduction, class Cell, std::size_t N>
    requires(std::same_as<reduction_state<Reduction, Cell>, typename Cell::sum> &&
             std::same_as<typename Cell::template sums<N>::cell, Cell>)
struct fold_for<Reduction, Cell, N> {
    using type = typename Cell::template sums<N>;
    static constexpr std::size_t most = Cell::max_columns;
};

/// Folds one column sample by sample and checks every row: for windows that a recorder overwrites
/// during the read, and for samples that a cell's sums cannot take.
template <class Reduction, class Chart, class Slots>
[[gnu::noinline]] column<Reduction, typename Chart::cell> fold_carefully(
    const Chart& chart, const Slots& range, std::size_t index) noexcept {
    column<Reduction, typename Chart::cell> out{};
    fold<Reduction, typename Chart::cell, 1> one;
    chart.template visit<1>(range, index, one);
    one.store([&out](std::size_t, const auto& state, std::uint64_t samples) noexcept {
        out = {state, samples};
    });
    return out;
}

/// Folds N columns at once. Returns false if fold_carefully() must do it.
template <class Block, class Chart, class Slots>
BACKENDS_INLINE inline bool fold_block(const Chart& chart, const Slots& range, std::size_t first,
                                       Block& block) noexcept {
    const bool was_kept = chart.template fold<typename Block::load>(range, first, block);
    if constexpr (requires { block.is_exact(); }) {
        return was_kept && block.is_exact();
    } else {
        return was_kept;
    }
}

/// Folds columns [first + i, first + i + N) if N of the n remain. Passes results to out.take(i,
/// block) or out.take(i, state, samples), which return their number of samples. Returns the next i.
template <class Reduction, std::size_t N, class Chart, class Slots, class Out>
BACKENDS_INLINE inline std::size_t fold_by(const Chart& chart, const Slots& range,
                                           std::size_t first, std::size_t n, std::size_t i,
                                           Out& out, std::uint64_t& samples) noexcept {
    if (n - i < N) {
        return i;
    }
    typename fold_for<Reduction, typename Chart::cell, N>::type block;
    if (fold_block(chart, range, first + i, block)) [[likely]] {
        samples += out.template take<N>(i, block);
    } else {
        for (std::size_t c = 0; c < N; ++c) {
            const auto one = fold_carefully<Reduction>(chart, range, first + i + c);
            samples += out.take(i + c, one.state, one.samples);
        }
    }
    return i + N;
}

template <std::size_t Most, std::size_t... Half>
constexpr auto widths_to(std::index_sequence<Half...>) {
    constexpr std::size_t even = Most - Most % 2;
    if constexpr (Most == 1 || Most == even) {
        return std::index_sequence<(even - 2 * Half)..., 1>{};
    } else {
        return std::index_sequence<Most, (even - 2 * Half)..., 1>{};
    }
}
/// The numbers of columns to fold at once: the maximum, all smaller even numbers, and 1.
template <class Reduction, class Chart>
using widths_for = decltype(widths_to<fold_for<Reduction, typename Chart::cell, 1>::most>(
    std::make_index_sequence<fold_for<Reduction, typename Chart::cell, 1>::most / 2>{}));

/// The states of columns, one by one, for result().
template <class Reduction, class Cell, std::size_t Most>
struct folded_columns {
    folded_columns(seconds /*of_a_slot*/, std::size_t /*first*/, std::size_t /*n*/) noexcept {}

    std::array<column<Reduction, Cell>, Most> columns;

    template <std::size_t N, class Block>
    BACKENDS_INLINE std::uint64_t take(std::size_t first, const Block& block) noexcept {
        std::uint64_t all = 0;
        block.store([&](std::size_t i, const auto& state, std::uint64_t samples) noexcept {
            all += take(first + i, state, samples);
        });
        return all;
    }
    template <class State>
    std::uint64_t take(std::size_t i, const State& state, std::uint64_t samples) noexcept {
        columns[i] = {state, samples};
        return samples;
    }
};

/// A block with sums in pairs, for a reduction that takes pairs.
template <class Block, class Reduction>
concept gives_pairs_to = requires(const Block& columns, f64x2 counts) {
    typename Block::pair;
    columns.has_pairs();
    Reduction::result(std::declval<const typename Block::pair&>(), counts);
};

/// Results, computed in pairs if the block has sums in pairs and the reduction takes them.
template <class Reduction, class Cell, std::size_t Most>
struct folded_values {
    using value = decltype(result_of<Reduction>(
        std::declval<const reduction_state<Reduction, Cell>&>(), std::uint64_t{1}, seconds{1}));
    folded_values(seconds of_a_slot, std::size_t first, std::size_t n) noexcept
        : every{of_a_slot}, block{first, n} {}

    [[no_unique_address]] slot_seconds<Reduction, reduction_state<Reduction, Cell>> every;
    value_block<value, Most> block;

    template <std::size_t N, class Block>
    BACKENDS_INLINE std::uint64_t take(std::size_t first, const Block& columns) noexcept {
        if constexpr (N % 2 == 0 && gives_pairs_to<Block, Reduction>) {
            if (columns.has_pairs()) [[likely]] {
                columns.store_pairs(
                    [&](std::size_t i, const auto& sums, auto counts) BACKENDS_INLINE {
                        block.values.set_pair(first + i, Reduction::result(sums, counts));
                    });
                return columns.samples();
            }
        }
        std::uint64_t samples = 0;
        columns.store([&](std::size_t i, const auto& state, std::uint64_t n) noexcept {
            samples += take(first + i, state, n);
        });
        return samples;
    }
    template <class State>
    std::uint64_t take(std::size_t i, const State& state, std::uint64_t n) noexcept {
        if (n != 0) {
            block.values.set(i, result_of<Reduction>(state, n, every.value()));
        } else {
            block.values.set(i, value{});
            block.absent |= std::uint32_t{1} << i;
        }
        return n;
    }
};

/// Folds all columns over a slot_range or slot_window, a block at a time. Passes each block's
/// Out<Reduction, Cell, most> to done(first, out, n). Returns the number of samples, which stays
/// outside the blocks to remain in a register. A block's columns are folded at once; an odd last
/// one comes alone.
template <template <class, class, std::size_t> class Out, class Reduction, class Chart, class Slots,
          class Done, std::size_t... N>
BACKENDS_INLINE inline std::uint64_t reduce_blocks(const Chart& chart, const Slots& range,
                                                   Done&& done,
                                                   std::index_sequence<N...> /*widths*/) noexcept {
    std::uint64_t samples = 0;
    using Cell = typename Chart::cell;
    constexpr std::size_t most = fold_for<Reduction, Cell, 1>::most;
    const std::size_t width = chart.width();
    for (std::size_t first = 0; first < width; first += most) {
        const std::size_t n = width - first < most ? width - first : most;
        Out<Reduction, Cell, most> out{chart.update_every(), first, n};
        std::size_t i = 0;
        static_cast<void>(
            ((i = fold_by<Reduction, N>(chart, range, first, n, i, out, samples), i == n) || ...));
        done(first, out, n);
    }
    return samples;
}

/// Folds all columns and calls done(dimension, column) for each with samples. Returns the number of
/// samples.
template <class Reduction, class Chart, class Slots, class Done>
BACKENDS_INLINE inline std::uint64_t reduce_columns(const Chart& chart, const Slots& range,
                                                    Done&& done) noexcept {
    return reduce_blocks<folded_columns, Reduction>(
        chart, range,
        [&](std::size_t first, const auto& out, std::size_t n) noexcept {
            for (std::size_t i = 0; i < n; ++i) {
                if (out.columns[i].samples != 0) {
                    done(first + i, out.columns[i]);
                }
            }
        },
        widths_for<Reduction, Chart>{});
}

}  // namespace backends::detail
