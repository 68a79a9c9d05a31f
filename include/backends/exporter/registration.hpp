// SPDX-License-Identifier: BSL-1.0
//
// Exporter: how a series gets its number in the renderer, and what is counted and told of it. Used
// by the cycle of a host's charts and by the lines of the exporter's own.
#pragma once

#include <backends/core/counters.hpp>
#include <backends/core/joined.hpp>
#include <backends/core/quantity.hpp>
#include <backends/core/simple_pattern.hpp>
#include <backends/driver/observer.hpp>
#include <backends/exporter/series_numbers.hpp>
#include <backends/exporter/told_losses.hpp>
#include <backends/format/wire_format.hpp>
#include <backends/source/data_source.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

namespace backends::inline BACKENDS_ISA::detail {

/// The name of line `n` of a chart: a fused source has several lines for each dimension.
template <class Source, class Chart>
std::string line_name(const Chart& from, std::size_t n) {
    const std::string_view variant = Source::variant_name(n % Source::variants);
    return joined({from.dimension(n / Source::variants).id, variant.empty() ? "" : ".", variant});
}

/// The number of a new series; series_numbers::refused where the format cannot express it. Throws
/// std::bad_alloc, and then nothing is registered.
///
/// @param add        add(number) gives the renderer the series, and returns an error
/// @param is_shared  is_shared() says whether another series has its name, though not its text
template <class Renderer, class Chart, class Observer, class Add, class Shared>
std::uint32_t add_series(Renderer& renderer, const Chart& from, std::string_view line,
                         Observer& observer, cycle_counters& count, Add add, Shared is_shared) {
    std::uint32_t series = series_numbers::refused;
    const bool is_known = is_shared();  // may throw
    if (const std::error_code error = add(series)) {
        ++count.refused_series;
        observe::refused_series(observer, told_name{from}.text(), line, error);
        return series_numbers::refused;
    }
    if (is_known || renderer.is_merged(series)) {
        ++count.merged_names;
        observe::merged_name(observer, told_name{from}.text(), line);
    }
    return series;
}
template <class Renderer, class Chart, class Observer>
std::uint32_t add_series(Renderer& renderer, const Chart& from, std::string_view line,
                         quantity says, Observer& observer, cycle_counters& count) {
    return add_series(
        renderer, from, line, observer, count,
        [&](std::uint32_t& series) {
            return renderer.add(from.id(), line, series, from.labels(), says);
        },
        [] { return false; });
}

/// The number of line n of a chart: of a sample, or of one of its histograms. One that has no such
/// line, or is left out, has the number of a refused one. Throws std::bad_alloc as above.
template <class Source, class Histograms, class Renderer, class Chart, class Observer>
std::uint32_t add_line(Renderer& renderer, const Histograms& histograms, const Chart& from,
                       std::size_t n, const simple_pattern& which, Observer& observer,
                       cycle_counters& count) {
    const std::size_t samples = from.width() * Source::variants;
    if (n < samples && !Histograms::has_samples(from)) {
        return series_numbers::refused;
    }
    const std::string name =
        n < samples ? line_name<Source>(from, n) : Histograms::name_of(from, n - samples);
    const quantity says =
        n < samples ? quantity_of<Source>(from, n) : Histograms::quantity_of(n - samples);
    if (!which.matches(name)) {
        return series_numbers::refused;
    }
    if constexpr (has_histograms<typename Renderer::format>) {
        const auto of_line = decltype(histograms.series_of(from, name, 0)){from.id(), name};
        const auto own = n < samples ? of_line : histograms.series_of(from, name, n - samples);
        const std::error_code known =
            n < samples ? std::error_code{} : histograms.refusal(n - samples);
        return add_series(
            renderer, from, name, observer, count,
            [&](std::uint32_t& series) {
                return known ? known
                             : renderer.add(own.chart, own.dimension, series, from.labels(), says);
            },
            [&] { return !known && histograms.is_shared(renderer, own, from.labels(), says); });
    } else {
        return add_series(renderer, from, name, says, observer, count);
    }
}

}  // namespace backends::detail
