// SPDX-License-Identifier: BSL-1.0
//
// Where receivers add a value with a sign, a line that sets 0 stands before it.
#include <backends/exporter/chart_lines.hpp>

#include <backends/cell/float_cell.hpp>
#include <backends/exporter/cycle.hpp>
#include <backends/format/dogstatsd.hpp>
#include <backends/format/statsd.hpp>
#include <backends/source/as_collected.hpp>
#include <backends/source/average.hpp>
#include <backends/source/fused.hpp>
#include <backends/source/minimum.hpp>
#include <backends/source/sum.hpp>
#include <backends/storage/host.hpp>

#include "catch.hpp"
#include "charts_of_widths.hpp"

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <string_view>

using namespace backends;
using namespace charts_of_widths;

namespace {

template <class Source, class Format = statsd>
std::string lines_of(double first, double second, bool whole_charts = true) {
    host h{"h"};
    auto& c = h.add("c", {"a", "b"});
    REQUIRE(c.record(1'700'000'000, {first, second}));
    no_observer nobody;
    cycle_counters count{};
    cycle<Source, Format, host> one{identity{"", "h", {}}};
    one.follow(h, nobody, count);
    text_queue queue{whole_charts};
    one.run(1'700'000'010, queue, count);
    CHECK(newlines(queue.text()) == queue.lines());
    return queue.text();
}

/// What a receiver of statsd has in the end: gauges with a sign are added.
std::map<std::string, double> gauges_of(std::string_view text) {
    std::map<std::string, double> all;
    while (!text.empty()) {
        const std::string line{text.substr(0, text.find('\n'))};
        text.remove_prefix(line.size() + 1);
        const std::string name = line.substr(0, line.find(':'));
        const std::string value = line.substr(name.size() + 1);
        REQUIRE(value.ends_with("|g"));
        all[name] = value.front() == '-' ? all[name] + std::stod(value) : std::stod(value);
    }
    return all;
}

}  // namespace

TEST_CASE("a negative gauge is set to 0 first, a counter is not") {
    for (const bool whole : {true, false}) {
        CHECK(lines_of<average>(5, -5, whole) ==
              "h.c.a:5.0000000|g\nh.c.b:0|g\nh.c.b:-5.0000000|g\n");
        CHECK(lines_of<average>(-1, 0, whole) ==
              "h.c.a:0|g\nh.c.a:-1.0000000|g\nh.c.b:0.0000000|g\n");
        CHECK(lines_of<sum>(5, -5, whole) == "h.c.a:5.0000000|c\nh.c.b:-5.0000000|c\n");
        CHECK(lines_of<fused<sum, minimum>>(-5, 1, whole) ==
              "h.c.a.sum:-5.0000000|c\nh.c.a.minimum:0|g\nh.c.a.minimum:-5.0000000|g\n"
              "h.c.b.sum:1.0000000|c\nh.c.b.minimum:1.0000000|g\n");
        CHECK(lines_of<average, dogstatsd>(-5, 1, whole) ==
              "c.a:-5.0000000|g|#host:h|T1700000010\nc.b:1.0000000|g|#host:h|T1700000010\n");
    }
}

TEMPLATE_TEST_CASE("a receiver that adds has the values in the end", "",
                   (setting<double_cell, average, statsd>), (setting<float_cell, average, statsd>),
                   (setting<double_cell, as_collected, statsd, std::int64_t>)) {
    TestType s;
    typename TestType::reference expected{s};
    typename TestType::cycle_type charts{s.names};
    typename TestType::cycle_type lines{s.names};
    no_observer nobody;
    cycle_counters count{};
    charts.follow(s.charts, nobody, count);
    lines.follow(s.charts, nobody, count);
    std::mt19937_64 random{7};
    unix_seconds now = 1'700'000'000;
    std::size_t negative = 0;
    for (int n = 0; n < 20; ++n) {
        s.record(random, ++now);
        text_queue by_charts{true};
        text_queue by_lines{false};
        charts.run(now, by_charts, count);
        lines.run(now, by_lines, count);
        CHECK(by_charts.text() == by_lines.text());
        CHECK(by_charts.lines() == newlines(by_charts.text()));
        CHECK(by_lines.lines() == by_charts.lines());
        const std::string plain = expected.run(s, now);
        negative += by_charts.lines() - newlines(plain);
        std::map<std::string, double> values;
        std::string_view rest = plain;
        while (!rest.empty()) {
            const std::string line{rest.substr(0, rest.find('\n'))};
            rest.remove_prefix(line.size() + 1);
            values[line.substr(0, line.find(':'))] = std::stod(line.substr(line.find(':') + 1));
        }
        CHECK(gauges_of(by_charts.text()) == values);
    }
    CHECK(negative > 100);
}
