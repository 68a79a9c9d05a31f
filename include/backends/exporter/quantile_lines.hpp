// SPDX-License-Identifier: BSL-1.0
//
// Exporter, a form of histograms: lines of their quantiles, for formats of single values.
#pragma once

#include <backends/core/export_names.hpp>
#include <backends/core/extremes.hpp>
#include <backends/core/joined.hpp>
#include <backends/core/quantity.hpp>
#include <backends/core/time.hpp>
#include <backends/exporter/chart_fields.hpp>
#include <backends/instrument/distribution.hpp>
#include <backends/instrument/quantiles.hpp>
#include <backends/source/value_block.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

namespace backends::inline BACKENDS_ISA::detail {

/// @tparam Quantiles  quantiles<50, 95, 99>
template <class Quantiles>
class quantile_lines {
    static constexpr std::size_t quantiles = Quantiles::size;
    static constexpr std::size_t in_block = quantiles + 1;  // the greatest value among them
    // Mostly that of the sources' blocks, whose code it shares.
    static constexpr std::size_t most = detail::larger((in_block + 3) / 4 * 4, std::size_t{12});
    static_assert(most <= 32, "backends: an exporter has at most 31 quantiles of a histogram");

public:
    quantile_lines(const identity&, std::size_t) noexcept {}

    /// Lines a histogram: its quantiles, `max`, `sum`, `count`.
    static constexpr std::size_t lines = in_block + 2;
    /// What is kept of a chart.
    struct texts {};
    template <class Renderer, class Queue>
    using sink = lines_of_chart<1, Renderer, Queue>;

    /// The name of line n of one. Precondition: n < lines.
    [[nodiscard]] static std::string name_of(const distribution_reader& one, std::size_t n) {
        const std::string_view dot = one.name.empty() ? "" : ".";
        return n < quantiles
                   ? joined({one.name, dot, "p", number_text(Quantiles::digits[n])})
                   : joined({one.name, dot, std::array{"max", "sum", "count"}[n - quantiles]});
    }
    /// What line n of one says.
    [[nodiscard]] static quantity quantity_of(std::size_t n) noexcept {
        return n < in_block ? quantity::level : quantity::amount;
    }

    template <class Chart>
    void reserve(const Chart&, const distribution_list&) noexcept {}
    [[nodiscard]] std::error_code refusal(std::size_t) const noexcept { return {}; }
    [[nodiscard]] texts take_texts() noexcept { return {}; }

    /// The lines of histogram i of a chart.
    template <class Lines>
    void write(const distribution_window& of, const distribution_shape&, std::uint64_t*,
               std::size_t i, unix_seconds before, texts&, Lines& out) const noexcept {
        const std::size_t first = i * lines;
        if (of.count() != 0) {
            value_block<double, most> block{first, in_block};
            const auto found = Quantiles::of(of);
            for (std::size_t k = 0; k < quantiles; ++k) {
                block.values.set(k, found[k]);
            }
            block.values.set(quantiles, of.greatest);
            block.fill_behind(in_block);
            out.block(before, block);
        }
        of.sum_to([&](auto sum) noexcept { out(first + in_block, 0, before, sum); });
        out(first + in_block + 1, 0, before, of.count());
    }
};

/// How a format has histograms; histogram_records.hpp has the other form.
template <class Format, class Rule, class Quantiles>
struct histogram_form {
    using type = quantile_lines<Quantiles>;
};

}  // namespace backends::detail
