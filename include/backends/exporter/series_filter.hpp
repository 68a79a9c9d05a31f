// SPDX-License-Identifier: BSL-1.0
//
// Which charts and dimensions have lines. Decided once, when a series is registered: a tick takes
// no look at it.
#pragma once

#include <backends/core/simple_pattern.hpp>
#include <backends/exporter/options.hpp>

namespace backends::inline BACKENDS_ISA {

/// Takes every series if nothing is said.
struct series_filter {
    simple_pattern charts;      ///< of the charts' ids; a chart that it leaves out is not read
    simple_pattern dimensions;  ///< of the dimensions' names, as lines have them

    series_filter() = default;
    /// Precondition: the options are valid.
    explicit series_filter(const options& o)
        : charts{o.charts_matching}, dimensions{o.dimensions_matching} {}
};

}  // namespace backends
