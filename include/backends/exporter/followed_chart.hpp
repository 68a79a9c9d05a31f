// SPDX-License-Identifier: BSL-1.0
//
// Exporter: what a cycle keeps of each chart. Cycles of one source and one host's type keep the
// same, whatever their formats, so that several may walk together.
#pragma once

#include <backends/core/counters.hpp>
#include <backends/core/inline.hpp>
#include <backends/exporter/series_numbers.hpp>
#include <backends/exporter/told_losses.hpp>

#include <cstdint>

namespace backends::inline BACKENDS_ISA::detail {

/// @tparam Source  the data source
/// @tparam Chart   the charts' common type
template <class Source, class Chart>
struct followed_chart {
    const Chart* chart;
    typename Source::cursor cursor;  // where the next reading begins
    series_numbers::place series;    // the numbers of its lines
    told_disorder told = {};
};

/// A cycle that walks together with others (joint_walk.hpp).
template <class Cycle, class Queue, class Observer>
class walking_cycle;

}  // namespace backends::detail
