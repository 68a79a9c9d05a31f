// SPDX-License-Identifier: BSL-1.0
//
// The laws of a data source, for any chart that nobody records into: each broken law gives a
// sentence. test/unit/source holds the provided sources to them.
#pragma once

#include <backends/core/time.hpp>
#include <backends/source/data_source.hpp>

#include <cstddef>
#include <string>
#include <tuple>
#include <vector>

namespace backends::inline BACKENDS_ISA::testing {

/// The laws of every data source:
/// 1. emitted indices exist, and come in the order of dimensions and variants, each at most once;
/// 2. a second reading without new samples emits nothing;
/// 3. only the cursor remembers: a fresh one sees everything again;
/// 4. a first reading emits what read_window emits for everything up to its time.
template <data_source Source>
struct data_source_laws {
    /// The first broken law, or an empty text. Precondition: no sample has a time later than
    /// `before`.
    template <class Chart>
    static std::string broken(const Chart& chart, unix_seconds before) {
        typename Source::cursor cursor{};
        const auto first = read(chart, cursor, before);
        for (std::size_t n = 0; n < first.size(); ++n) {
            const auto& [dimension, variant, at, value] = first[n];
            if (dimension >= chart.width() || variant >= Source::variants) {
                return "a dimension or variant that is not there is emitted";
            }
            if (n > 0 && std::tie(dimension, variant) <=
                             std::tie(std::get<0>(first[n - 1]), std::get<1>(first[n - 1]))) {
                return "dimensions and variants are not in order";
            }
        }
        if (!read(chart, cursor, before).empty()) {
            return "what was read is read again";
        }
        typename Source::cursor fresh{};
        if (read(chart, fresh, before) != first) {
            return "a fresh cursor does not see everything again";
        }
        std::vector<line> window;
        Source::read_window(chart, INT64_MIN, before, collect{window});
        return window == first ? "" : "read_window does not emit what a first reading does";
    }

private:
    using line = std::tuple<std::size_t, std::size_t, unix_seconds, double>;

    struct collect {
        std::vector<line>& lines;
        void operator()(std::size_t dimension, std::size_t variant, unix_seconds at,
                        line_value auto value) const {
            lines.emplace_back(dimension, variant, at, static_cast<double>(value));
        }
    };

    template <class Chart>
    static std::vector<line> read(const Chart& chart, typename Source::cursor& cursor,
                                  unix_seconds before) {
        std::vector<line> lines;
        Source::read(chart, cursor, before, collect{lines});
        return lines;
    }
};

}  // namespace backends::testing
