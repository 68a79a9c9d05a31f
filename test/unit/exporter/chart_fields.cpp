// SPDX-License-Identifier: BSL-1.0
#include <backends/exporter/chart_fields.hpp>

#include <backends/exporter/cycle.hpp>
#include <backends/format/influx_lines.hpp>
#include <backends/format/parser.hpp>
#include <backends/source/as_collected.hpp>
#include <backends/source/average.hpp>
#include <backends/source/fused.hpp>
#include <backends/source/maximum.hpp>
#include <backends/storage/host.hpp>

#include "catch.hpp"
#include "charts_of_widths.hpp"

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

using namespace backends;
using namespace charts_of_widths;

namespace {

/// The lines that have one value each, of lines that have several. Counts those that the next one
/// could have joined.
std::string one_by_one(std::string_view text, std::size_t& apart) {
    std::string all;
    std::string last;
    std::size_t last_size = 0;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(line.size() + 1);
        REQUIRE(line.size() < influx_lines::limits.line);
        const parse_result parsed = parse<influx_lines>(line);
        REQUIRE(parsed);
        const auto fields = static_cast<std::size_t>(parsed.line.fields.data() - line.data());
        const std::string head{line.substr(0, fields)};
        const std::string tail{line.substr(fields + parsed.line.fields.size())};
        each_value<influx_lines>(
            parsed.line, [&](std::string_view dimension, std::string_view number) {
                all.append(head).append(dimension).append("=").append(number).append(tail) += '\n';
            });
        apart += head + tail == last && last_size + line.size() < 4'000 ? 1U : 0U;
        last = head + tail;
        last_size = line.size();
    }
    return all;
}

}  // namespace

TEMPLATE_TEST_CASE("a line of several values has those of one chart and one time, in their order",
                   "", (setting<double_cell, average, influx_lines>),
                   (setting<double_cell, fused<average, maximum>, influx_lines>),
                   (setting<double_cell, as_collected, influx_lines, std::int64_t>)) {
    TestType s;
    typename TestType::reference expected{s};
    typename TestType::cycle_type charts{s.names};
    typename TestType::cycle_type lines{s.names};
    no_observer nobody;
    cycle_counters of_charts{};
    cycle_counters of_lines{};
    charts.follow(s.charts, nobody, of_charts);
    lines.follow(s.charts, nobody, of_lines);
    REQUIRE(of_charts.refused_series == 6 * TestType::source::variants);

    std::mt19937_64 random{29};
    unix_seconds now = 1'700'000'000;
    std::size_t apart = 0;
    std::size_t fewer = 0;
    for (int n = 0; n < 40; ++n) {
        for (std::uint64_t rows = random() % 20; rows > 0; --rows) {
            now += random() % 8 == 0 ? 2 : 1;
            s.record(random, now);
        }
        text_queue by_charts{true};
        text_queue by_lines{false};
        charts.run(now, by_charts, of_charts);
        lines.run(now, by_lines, of_lines);
        const std::string text = expected.run(s, now);
        REQUIRE(one_by_one(by_charts.text(), apart) == text);
        REQUIRE(by_charts.lines() == newlines(by_charts.text()));
        REQUIRE(by_lines.text() == text);
        REQUIRE(by_lines.lines() == newlines(text));
        fewer += by_lines.lines() - by_charts.lines();
    }
    CHECK(apart == 0);
    CHECK(fewer > 500);
    CHECK(of_charts.not_finite == expected.not_finite);
    CHECK(of_lines.not_finite == expected.not_finite);
    CHECK(of_charts.samples == of_lines.samples);
}

TEST_CASE("a chart with more values than a line takes has several lines of one time") {
    std::vector<new_dimension> dimensions;
    for (int i = 0; i < 2'000; ++i) {
        // Now and then a long name; the others have a comma.
        dimensions.emplace_back(std::to_string(i) + (i % 300 == 7 ? std::string(300, 'x') : ",d"));
    }
    host h{"h"};
    auto& wide = h.add("wide", dimensions);
    cycle<average, influx_lines, host> lines{{"p", "h", {}}};
    no_observer nobody;
    cycle_counters count{};
    lines.follow(h, nobody, count);
    std::vector<double> row(2'000);
    std::string expected;
    for (int i = 0; i < 2'000; ++i) {
        row[static_cast<std::size_t>(i)] = i;
        expected += "p.wide,host=h " + std::to_string(i) +
                    (i % 300 == 7 ? std::string(300, 'x') : "\\,d") + "=" + std::to_string(i) +
                    ".0000000 9\n";
    }
    REQUIRE(wide.record(9, row));
    text_queue queue{true};
    lines.run(9, queue, count);
    std::size_t apart = 0;
    CHECK(one_by_one(queue.text(), apart) == expected);
    CHECK(apart == 0);
    CHECK(queue.lines() < 20);
}
