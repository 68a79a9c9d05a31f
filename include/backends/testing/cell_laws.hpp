// SPDX-License-Identifier: BSL-1.0
//
// The laws of a cell type, for any values and any test framework or fuzzer: each broken law gives a
// sentence. test/unit/storage holds the provided cells to them.
#pragma once

#include <backends/cell/cell.hpp>

#include <cstdint>
#include <limits>
#include <string>

namespace backends::inline BACKENDS_ISA::testing {

/// The laws of every cell, for all values:
/// 1. the gap is no sample; NaN and the infinities become reported gaps;
/// 2. every finite value becomes a sample;
/// 3. a loaded value can be stored again without a change;
/// 4. a counter's reset does not change the value;
/// 5. cells keep the order of values;
/// 6. an empty sum is zero; a sum of one sample is its total and its mean.
template <cell Cell>
struct cell_laws {
    /// The first broken law for two finite values, or an empty text.
    static std::string broken(double a, double b) {
        using limits = std::numeric_limits<double>;
        if (Cell::exists(Cell::gap)) {
            return "the gap is a sample";
        }
        for (const double v : {limits::quiet_NaN(), limits::infinity(), -limits::infinity()}) {
            const auto stored = Cell::store(v, false);
            if (Cell::exists(stored.word) || stored.outcome != store_outcome::not_finite) {
                return "a value that is not finite is not a reported gap";
            }
        }
        for (const double v : {0.0, -0.0, limits::denorm_min(), -limits::denorm_min()}) {
            if (!Cell::exists(Cell::store(v, false).word)) {
                return "a value at zero is a gap";
            }
        }
        const auto first = Cell::store(a, false);
        const auto second = Cell::store(b, false);
        if (!Cell::exists(first.word) || first.outcome == store_outcome::not_finite) {
            return "a finite value is a gap: " + std::to_string(a);
        }
        if (Cell::store(value_of(first.word), false).word != first.word) {
            return "a stored value changes when it is stored again: " + std::to_string(a);
        }
        if (value_of(Cell::store(a, true).word) != value_of(first.word)) {
            return "a reset changes the value: " + std::to_string(a);
        }
        const bool in_order = a <= b ? value_of(first.word) <= value_of(second.word)
                                     : value_of(first.word) >= value_of(second.word);
        if (!in_order) {
            return "the order changes: " + std::to_string(a) + ", " + std::to_string(b);
        }
        return broken_sum(first.word);
    }

private:
    using number = typename Cell::number;

    static double value_of(typename Cell::word word) { return Cell::load(word); }

    static std::string broken_sum(typename Cell::word word) {
        typename Cell::sum sum{};
        if (!(sum.total() == number{})) {
            return "an empty sum is not zero";
        }
        sum += Cell::load(word);
        const auto alone = static_cast<number>(Cell::load(word));
        if (!(sum.total() == alone) || !(sum.mean(1) == alone)) {
            return "the sum of one sample is not the sample: " + std::to_string(value_of(word));
        }
        return {};
    }
};

}  // namespace backends::testing
