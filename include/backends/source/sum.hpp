// SPDX-License-Identifier: BSL-1.0
//
// Source, reduction: the sum of the samples, also called volume. The sum of a rate is a volume only
// if a slot lasts one second; total_over_time.hpp counts events for any slot length.
#pragma once

#include <backends/core/inline.hpp>
#include <backends/core/quantity.hpp>
#include <backends/source/reduction.hpp>
#include <backends/source/summed.hpp>

#include <array>
#include <string_view>

namespace backends::inline BACKENDS_ISA {

/// Exact with packed cells.
struct sum : summed {
    static constexpr std::string_view name = "sum";
    static constexpr std::array<std::string_view, 1> aliases{"volume"};  ///< in files
    static constexpr quantity gives = quantity::amount;

    /// For one column, or for two columns in a vector.
    template <class Sum, class Count>
    BACKENDS_INLINE static constexpr auto result(const Sum& sum, Count /*n*/) noexcept {
        return sum.total();
    }
};

/// The option's other name for sum.
using volume = sum;

static_assert(reduction<sum>);

}  // namespace backends
