// SPDX-License-Identifier: BSL-1.0
//
// Source, second concept: a data source defines what the exporter exports of a chart: a reduction
// of its stored samples, or the values as collected. Models: stored<Reduction>, as_collected.
#pragma once

#include <backends/core/member_name.hpp>
#include <backends/core/quantity.hpp>
#include <backends/core/time.hpp>
#include <backends/source/reduction.hpp>
#include <backends/source/value_block.hpp>
#include <backends/storage/chart.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace backends::inline BACKENDS_ISA {

/// The result of one read.
struct read_result {
    std::uint64_t samples = 0;  ///< samples that entered a line, each counted once
    std::uint64_t overrun = 0;  ///< samples overwritten before any read
};

namespace detail {
/// A sink that accepts everything that sources emit; for concept checks.
struct any_emit {
    void operator()(std::size_t, std::size_t, unix_seconds, line_value auto) const noexcept {}
};
}  // namespace detail

/// A data source: stateless; the exporter keeps its state for a chart in a cursor.
///
/// - `name`                     the option's name: "average", "as collected"
/// - `variants`                 lines per dimension
/// - `variant_name(i)`          "" or the suffix; i < variants
/// - `cursor`                   default constructed: nothing of this chart was exported
/// - `read(chart, cursor, before, sink)`  emits what the cursor has not seen, stamped with
///   `before`, and moves the cursor
/// - `read_window(chart, after, before, sink)`  emits exactly that window, without a cursor
///
/// A source whose lines do not all say levels has `quantity_of(i)` too (core/quantity.hpp), or,
/// where the chart decides, `quantity_in(chart, dimension)`.
///
/// Where a cursor has `==`, exporters read a chart once for all whose cursors are equal.
///
/// A source calls sink(dimension index, variant index, unix_seconds, value) once per line, in the
/// order of the dimensions, never for a dimension without samples.
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
/// What the lines of a variant say.
template <class Source>
constexpr quantity quantity_of([[maybe_unused]] std::size_t variant) noexcept {
    if constexpr (requires { Source::quantity_of(variant); }) {
        return Source::quantity_of(variant);
    } else {
        return quantity::level;
    }
}
/// The same of a line of a chart.
template <class Source, class Chart>
quantity quantity_of(const Chart& from, std::size_t line) noexcept {
    if constexpr (requires { Source::quantity_in(from, line); }) {
        return Source::quantity_in(from, line / Source::variants);
    } else {
        return quantity_of<Source>(line % Source::variants);
    }
}

BACKENDS_MEMBER_NAME(prefetch_chart);
BACKENDS_MEMBER_NAME(prefetch_samples);
}  // namespace detail

/// A data source that also takes hints of coming reads, and prefetches:
/// - `prefetch_chart(chart)`  the first hint
/// - `prefetch_samples(chart, cursor, charts)`  the second: a read of `charts` charts in a row is
///   near
template <class Source, class Chart>
concept prefetching_source =
    requires(const Chart& chart, const typename Source::cursor& cursor, std::size_t charts) {
        { Source::prefetch_chart(chart) } noexcept;
        { Source::prefetch_samples(chart, cursor, charts) } noexcept;
    };

}  // namespace backends
