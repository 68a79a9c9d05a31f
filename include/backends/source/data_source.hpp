// SPDX-License-Identifier: BSL-1.0
//
// Source, second concept: a data source says what is exported of a chart: a reduction of its stored
// samples, or the values as they were collected. Models: stored<Reduction>, as_collected.
#pragma once

#include <backends/core/member_name.hpp>
#include <backends/core/time.hpp>
#include <backends/source/reduction.hpp>
#include <backends/source/value_block.hpp>
#include <backends/storage/chart.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace backends::inline BACKENDS_ISA {

/// What one reading gave.
struct read_result {
    std::uint64_t samples = 0;  ///< samples that entered a line, once each
    std::uint64_t overrun = 0;  ///< samples that were overwritten before any reading had them
};

namespace detail {
/// A sink that takes what sources emit; for concept checks.
struct any_emit {
    void operator()(std::size_t, std::size_t, unix_seconds, line_value auto) const noexcept {}
};
}  // namespace detail

/// A data source: stateless; what it remembers of a chart is in a cursor that the exporter keeps.
///
/// - `name`                     the option's name: "average", "as collected"
/// - `variants`                 lines per dimension; `variant_name(i)`: "" or what is appended
/// - `cursor`                   default constructed: nothing of this chart was exported
/// - `read(chart, cursor, before, sink)` emits what the cursor has not seen, stamped with `before`,
///   and moves it
/// - `read_window(chart, after, before, sink)`  emits for exactly that window, no cursor
///
/// sink(dimension index, variant index, unix_seconds, value) is called once per line, in the order
/// of the dimensions; never for a dimension without samples.
template <class Source>
concept data_source = std::default_initializable<typename Source::cursor> &&
                      requires(const chart& from, typename Source::cursor& cursor,
                               unix_seconds time, std::size_t i, detail::any_emit sink) {
                          { Source::name } -> std::convertible_to<std::string_view>;
                          { Source::variants } -> std::convertible_to<std::size_t>;
                          { Source::variant_name(i) } -> std::convertible_to<std::string_view>;
                          {
                              Source::read(from, cursor, time, sink)
                          } noexcept -> std::same_as<read_result>;
                          {
                              Source::read_window(from, time, time, sink)
                          } noexcept -> std::same_as<read_result>;
                      };

namespace detail {
BACKENDS_MEMBER_NAME(prefetch_chart);
BACKENDS_MEMBER_NAME(prefetch_samples);
}  // namespace detail

/// A data source that may also be told what it will read soon, so that it asks the processor for
/// it: `prefetch_chart(chart)`, later `prefetch_samples(chart, cursor, charts)`.
template <class Source, class Chart>
concept prefetching_source =
    requires(const Chart& chart, const typename Source::cursor& cursor, std::size_t charts) {
        { Source::prefetch_chart(chart) } noexcept;
        { Source::prefetch_samples(chart, cursor, charts) } noexcept;
    };

}  // namespace backends
