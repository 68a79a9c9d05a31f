// SPDX-License-Identifier: BSL-1.0
//
// Binary records of a cycle: those of the renderer's simplest form, for charts of every width and
// values of every kind.
#include <backends/exporter/chart_lines.hpp>

#include <backends/cell/float_cell.hpp>
#include <backends/cell/packed_cell.hpp>
#include <backends/format/prometheus_remote_write.hpp>
#include <backends/source/as_collected.hpp>
#include <backends/source/average.hpp>

#include "catch.hpp"
#include "charts_of_widths.hpp"

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

using namespace backends;
using namespace charts_of_widths;

namespace {

/// How many fields of length and bytes there are.
std::size_t records(std::string_view text) {
    std::size_t n = 0;
    for (; !text.empty(); ++n) {
        std::size_t size = 0;
        std::size_t at = 1;
        for (unsigned shift = 0; shift == 0 || (text[at - 1] & 0x80) != 0; shift += 7) {
            size |= (static_cast<unsigned char>(text[at++]) & std::size_t{0x7f}) << shift;
        }
        REQUIRE(at + size <= text.size());
        text.remove_prefix(at + size);
    }
    return n;
}

}  // namespace

TEMPLATE_TEST_CASE("whole charts are the records of their values", "",
                   (setting<double_cell, average, prometheus_remote_write>),
                   (setting<packed_cell, average, prometheus_remote_write>),
                   (setting<float_cell, average, prometheus_remote_write>),
                   (setting<double_cell, as_collected, prometheus_remote_write, std::int64_t>),
                   (setting<double_cell, as_collected, prometheus_remote_write>)) {
    TestType s;
    typename TestType::reference expected{s};
    typename TestType::cycle_type charts{s.names};
    typename TestType::cycle_type lines{s.names};
    no_observer nobody;
    cycle_counters count{};
    cycle_counters count_of_lines{};
    charts.follow(s.charts, nobody, count);
    lines.follow(s.charts, nobody, count_of_lines);
    std::mt19937_64 random{11};
    unix_seconds now = 1'700'000'000;
    for (int n = 0; n < 20; ++n) {
        s.record(random, ++now);
        text_queue by_charts{true};
        text_queue by_lines{false};
        charts.run(now, by_charts, count);
        lines.run(now, by_lines, count_of_lines);
        const std::string plain = expected.run(s, now);
        CHECK(by_charts.text() == plain);
        CHECK(by_lines.text() == plain);
        CHECK(by_charts.lines() == records(plain));
        CHECK(by_lines.lines() == records(plain));
    }
    CHECK(count.not_finite == expected.not_finite);
    CHECK(count_of_lines.not_finite == expected.not_finite);
}

TEST_CASE("a time that the records cannot have is counted, not written") {
    constexpr unix_seconds end = millis_form::end;
    for (const unix_seconds at : {end - 2, end - 1, end, end + 1}) {
        host h{"h"};
        auto& c = h.add("c", {"a", "b"});
        cycle<average, prometheus_remote_write, host> one{identity{"", "h", {}}};
        no_observer nobody;
        cycle_counters count{};
        one.follow(h, nobody, count);
        REQUIRE(c.record(1'700'000'000, {1.0, 2.0}));
        for (const bool takes_charts : {true, false}) {
            text_queue queue{takes_charts};
            one.run(at, queue, count);
            CHECK(queue.lines() == (at < end && takes_charts ? 2 : 0));
        }
        CHECK(count.not_finite == (at < end ? 0 : 2));
    }
}
