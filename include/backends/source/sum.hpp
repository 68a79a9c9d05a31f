// SPDX-License-Identifier: BSL-1.0
//
// Source, reduction: the sum of the samples, also known as volume. Of a rate that is a volume only
// where a slot lasts a second; total_over_time.hpp has what counts events whatever a slot lasts.
#pragma once

#include <backends/source/reduction.hpp>

#include <string_view>

namespace backends::inline BACKENDS_ISA {

/// Exact with packed cells; in doubles, added from the newest sample to the oldest.
struct sum {
    static constexpr std::string_view name = "sum";

    template <cell Cell>
    using state = typename Cell::sum;

    template <class Sum, class Value>
    static constexpr void add(Sum& sum, Value value) noexcept {
        sum += value;
    }
    /// Of one column, or of the columns that lie side by side in a vector.
    template <class Sum, class Count>
    [[gnu::always_inline]] static constexpr auto result(const Sum& sum, Count /*n*/) noexcept {
        return sum.total();
    }
};

/// The option's other name of sum.
using volume = sum;

static_assert(reduction<sum>);

}  // namespace backends
