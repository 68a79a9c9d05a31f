// SPDX-License-Identifier: BSL-1.0
//
// Source, reduction: the sum of each sample times the seconds of its slot. For a rate this is the
// number of events or bytes, whatever the chart's update_every; `sum` equals it only at one second.
#pragma once

#include <backends/core/decimal.hpp>
#include <backends/core/inline.hpp>
#include <backends/core/quantity.hpp>
#include <backends/core/time.hpp>
#include <backends/source/reduction.hpp>
#include <backends/source/summed.hpp>

#include <concepts>
#include <cstdint>
#include <string_view>

namespace backends::inline BACKENDS_ISA {

/// Exact with packed cells. Gaps add nothing: after a pause in collection a counter's rate spreads
/// its growth over the pause, but only the slot with that rate counts.
struct total_over_time : summed {
    static constexpr std::string_view name = "total";
    static constexpr quantity gives = quantity::amount;

    template <class Sum>
    BACKENDS_INLINE static constexpr auto result(const Sum& summed, std::uint64_t /*n*/,
                                                 seconds every) noexcept {
        const auto all = summed.total();
        if constexpr (std::same_as<decltype(all), const decimal>) {
            return decimal{all.units * every.value};
        } else {
            return all * static_cast<decltype(summed.total())>(every.value);
        }
    }
};

static_assert(reduction<total_over_time>);

}  // namespace backends::inline BACKENDS_ISA
