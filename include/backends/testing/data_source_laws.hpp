// SPDX-License-Identifier: BSL-1.0
//
// The laws of a data source, to be run on any chart that is not being recorded into: a law that
// does not hold is a sentence. The provided sources are held to them in test/unit/source.
#pragma once

#include <backends/core/time.hpp>
#include <backends/source/data_source.hpp>

#include <cstddef>
#include <string>
#include <tuple>
#include <vector>

namespace backends::inline BACKENDS_ISA::testing {

/// What holds for every data source:
/// 1. emitted indices exist, and come in the order of dimensions and variants, each at most once;
/// 2. what was read is not read again: with nothing recorded, a second reading emits nothing;
/// 3. the cursor alone remembers: a fresh one sees everything again;
/// 4. a first reading emits what read_window emits for everything up to its time.
template <data_source Source>
struct data_source_laws {
    /// The first law that does not hold, or an empty text. Precondition: nothing was recorded for a
    /// time later than `before`.
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
