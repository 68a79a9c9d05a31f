// SPDX-License-Identifier: BSL-1.0
//
// Charts of every width, values of every kind, and what a cycle must write of them: one value after
// the other, by the renderer's simplest form.
#pragma once

#include <backends/exporter/cycle.hpp>
#include <backends/storage/host.hpp>

#include "catch.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace charts_of_widths {

using namespace backends;

/// Takes every line, as one text; whole charts at once, or only line by line.
class text_queue {
public:
    explicit text_queue(bool takes_charts) : takes_charts_{takes_charts} {}

    [[nodiscard]] bool fits(std::size_t) const noexcept { return takes_charts_; }
    char* reserve(std::size_t n) {
        text_.resize(used_ + n);
        return text_.data() + used_;
    }
    void commit(std::size_t bytes, std::size_t lines) {
        used_ += bytes;
        lines_ += lines;
    }
    void refuse(std::size_t, std::size_t) { FAIL("there is room for every line"); }
    [[nodiscard]] std::string text() const { return text_.substr(0, used_); }
    [[nodiscard]] std::size_t lines() const { return lines_; }

private:
    bool takes_charts_;
    std::string text_;
    std::size_t used_ = 0;
    std::size_t lines_ = 0;
};

inline double sample(std::mt19937_64& random, int kind) {
    const auto size = static_cast<double>(random() % 10'000'000) / 1000.0;
    switch (kind == 0 ? 0 : random() % 16) {
        case 1: return std::numeric_limits<double>::quiet_NaN();
        case 2: return -size;
        case 3: return std::ldexp(size, static_cast<int>(random() % 80) - 40);
        case 4: return 99'999'999.99999999;
        case 5: return (static_cast<double>(random() % 1000) + 0.5) / 1e7;
        case 6: return 3e307;
        default: return size;
    }
}

template <class Cell, class Source, class Format, class T = double>
struct setting {
    using host = basic_host<Cell, 16>;
    using source = as_source<Source>;
    using cycle_type = cycle<Source, Format, host>;
    using value = T;

    host charts{"web-1"};
    identity names{"netdata", "web-1", {}};

    setting() {
        for (std::size_t width = 1; width <= 30; ++width) {
            std::vector<new_dimension> dimensions;
            for (std::size_t i = 0; i < width; ++i) {
                // Now and then a name that makes the line too long, so that its series is refused.
                const bool is_refused = width % 5 == 0 && i == width / 2;
                dimensions.emplace_back("d" + std::to_string(i) +
                                        (is_refused ? std::string(20'000, 'x') : ""));
            }
            chart_options options;
            if (width % 3 == 0) {
                options.labels = {{"w", std::to_string(width)}, {"v", "x y"}};
            }
            charts.template add<T>("chart." + std::to_string(width), dimensions, options);
        }
    }
    static T as_cell(double v) {
        if constexpr (std::is_integral_v<T>) {
            return std::abs(v) > 9e18 ? T{} : static_cast<T>(static_cast<std::int64_t>(v));
        } else {
            return static_cast<T>(v);
        }
    }
    void record(std::mt19937_64& random, unix_seconds at) {
        for (std::size_t c = 0; c < charts.size(); ++c) {
            auto& chart = charts.chart_at(c);
            for (std::size_t i = 0; i < chart.width(); ++i) {
                if (const double v = sample(random, static_cast<int>(c % 3)); v == v) {
                    chart.set(i, as_cell(v));
                }
            }
            REQUIRE(chart.commit(at));
        }
    }

    /// One value after the other, by the renderer's simplest form.
    struct reference {
        renderer<Format> lines;
        std::vector<typename source::cursor> cursors;
        std::vector<std::vector<std::uint32_t>> series;
        std::uint64_t not_finite = 0;

        explicit reference(const setting& s) : lines{s.names}, cursors(s.charts.size()) {
            for (std::size_t c = 0; c < s.charts.size(); ++c) {
                const auto& chart = s.charts.chart_at(c);
                series.emplace_back();
                for (std::size_t n = 0; n < chart.width() * source::variants; ++n) {
                    const std::string suffix{source::variant_name(n % source::variants)};
                    std::uint32_t number = UINT32_MAX;
                    if (lines.add(chart.id(),
                                  std::string{chart.dimension(n / source::variants).id} +
                                      (suffix.empty() ? "" : "." + suffix),
                                  number, chart.labels())) {
                        number = UINT32_MAX;
                    }
                    series.back().push_back(number);
                }
            }
        }
        std::string run(const setting& s, unix_seconds before) {
            std::string all;
            for (std::size_t c = 0; c < s.charts.size(); ++c) {
                source::read(s.charts.chart_at(c), cursors[c], before,
                             [&](std::size_t i, std::size_t variant, unix_seconds at, auto v) {
                                 const std::uint32_t n = series[c][i * source::variants + variant];
                                 if (!is_printable(v)) {
                                     ++not_finite;
                                 } else if (n != UINT32_MAX) {
                                     std::string line(lines.max_line() + lines.line_slack, '\0');
                                     char* const end = lines.line(line.data(), n, at, v);
                                     all.append(line.data(), end);
                                 }
                             });
            }
            return all;
        }
    };
};

inline std::size_t newlines(const std::string& text) {
    std::size_t n = 0;
    for (const char c : text) {
        n += c == '\n' ? 1 : 0;
    }
    return n;
}

}  // namespace charts_of_widths
