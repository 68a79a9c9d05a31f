// SPDX-License-Identifier: BSL-1.0
//
// Exporter: charts lie apart, so the processor does not see which comes next. A walk through many
// asks for the memory of some that are to come, first for what says where their samples are, then
// for these.
#pragma once

#include <backends/source/source.hpp>

#include <cstddef>
#include <type_traits>

namespace backends::inline BACKENDS_ISA::detail {

/// Hints for the i-th of `n` charts.
///
/// @tparam Source    a data source
/// @tparam Followed  a `chart` and a `cursor` in it
template <class Source, class Followed>
[[gnu::always_inline]] inline void fetch_ahead(const Followed* charts, std::size_t n,
                                               std::size_t i) noexcept {
    constexpr std::size_t large = 512;  // they do not fit the cache together with the lines
    constexpr std::size_t ahead = 4;
    if constexpr (fetching_source<Source, std::remove_cvref_t<decltype(*charts[i].chart)>>) {
        if (n <= large) {
            return;
        }
        if (i + 2 * ahead < n) {
            Source::fetch_chart(*charts[i + 2 * ahead].chart);
        }
        if (i + ahead < n) {
            Source::fetch_samples(*charts[i + ahead].chart, charts[i + ahead].cursor, n);
        }
    }
}

}  // namespace backends::detail
