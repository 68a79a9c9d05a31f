// SPDX-License-Identifier: BSL-1.0
//
// Source: the common part of reductions that begin with a sum: average, sum, total_over_time.
#pragma once

#include <backends/cell/cell.hpp>
#include <backends/isa.hpp>

namespace backends::inline BACKENDS_ISA {

/// Adds the samples from the newest to the oldest; exact with packed cells. Derive from it and
/// declare name and result(). A cell may sum several columns at once for it.
struct summed {
    /// The sum so far.
    template <cell Cell>
    using state = typename Cell::sum;

    /// Adds a sample.
    template <class Sum, class Value>
    static constexpr void add(Sum& sum, Value value) noexcept {
        sum += value;
    }
};

}  // namespace backends::inline BACKENDS_ISA
