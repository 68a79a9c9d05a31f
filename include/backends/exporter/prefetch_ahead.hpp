// SPDX-License-Identifier: BSL-1.0
//
// Exporter: charts lie apart in memory, so the hardware prefetcher cannot follow a walk through
// many. The walk prefetches a few charts ahead: first the members that locate the samples, then the
// samples.
#pragma once

#include <backends/core/inline.hpp>
#include <backends/source/data_source.hpp>

#include <cstddef>
#include <type_traits>

namespace backends::inline BACKENDS_ISA::detail {

/// Prefetches for the charts after `one`, of `n` charts up to `end`.
///
/// @tparam Source    a data source
/// @tparam Followed  has a `chart` and a `cursor` in it
template <class Source, class Followed>
BACKENDS_INLINE inline void prefetch_ahead(const Followed* one, const Followed* end,
                                           std::size_t n) noexcept {
    constexpr std::size_t large = 512;  // more do not fit the cache together with the lines
    constexpr std::ptrdiff_t ahead = 4;
    if constexpr (prefetching_source<Source, std::remove_cvref_t<decltype(*one->chart)>>) {
        if (n <= large) {
            return;
        }
        if (end - one > 2 * ahead) {
            Source::prefetch_chart(*one[2 * ahead].chart);
        }
        if (end - one > ahead) {
            Source::prefetch_samples(*one[ahead].chart, one[ahead].cursor, n);
        }
    }
}

}  // namespace backends::detail
