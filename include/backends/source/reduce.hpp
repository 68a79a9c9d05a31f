// SPDX-License-Identifier: BSL-1.0
//
// Source: the question of a program that reads its own charts: one value of one dimension.
#pragma once

#include <backends/core/time.hpp>
#include <backends/source/columns.hpp>
#include <backends/source/reduction.hpp>

#include <cstddef>
#include <optional>

namespace backends::inline BACKENDS_ISA {

/// The reduction of a dimension's samples with after < time <= before: reduce<average>(chart, 0,
/// now - 60, now). Empty without a sample, so after a gap of the whole window too. Allocates
/// nothing; costs some nanoseconds a slot. Runs on any thread that the chart's recording policy
/// allows. Precondition: dimension < from.width().
///
/// @tparam Reduction  average, maximum, or one of your own
/// @tparam Chart      a chart of any cell and recording policy
template <class Reduction, class Chart>
[[nodiscard]] std::optional<double> reduce(const Chart& from, std::size_t dimension,
                                           unix_seconds after, unix_seconds before) noexcept {
    static_assert(reduction_over<Reduction, typename Chart::cell>,
                  "backends: reduce<R>() takes one reduction over the chart's cell: average, "
                  "maximum, ...; ask for those of a fused pack one by one");
    const auto all = detail::fold_carefully<Reduction>(from, from.window(after, before), dimension);
    if (all.samples == 0) {
        return std::nullopt;
    }
    return static_cast<double>(
        detail::result_of<Reduction>(all.state, all.samples, from.update_every()));
}

}  // namespace backends::inline BACKENDS_ISA
