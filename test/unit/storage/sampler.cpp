// SPDX-License-Identifier: BSL-1.0
#include <backends/storage/sampler.hpp>

#include <backends/core/list.hpp>
#include <backends/instrument/counter.hpp>
#include <backends/instrument/gauge.hpp>
#include <backends/instrument/peak.hpp>
#include <backends/instrument/shared_cells.hpp>
#include <backends/instrument/up_down_counter.hpp>
#include <backends/source/as_collected.hpp>
#include <backends/source/stored.hpp>
#include <backends/source/sum.hpp>
#include <backends/storage/host.hpp>

#include <boost/hana/adapt_struct.hpp>

#include "catch.hpp"

#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

struct traffic {
    backends::counter requests;
    backends::up_down_counter open;
    backends::gauge<int> level;
    backends::peak<> depth;
};
BOOST_HANA_ADAPT_STRUCT(traffic, requests, open, level, depth);

struct only_gauges {
    backends::gauge<> a;
    backends::least<int> b;
};
BOOST_HANA_ADAPT_STRUCT(only_gauges, a, b);

struct shared_traffic {
    backends::basic_counter<backends::shared_cells> hits, misses;
};
BOOST_HANA_ADAPT_STRUCT(shared_traffic, hits, misses);

using namespace backends;
using namespace std::chrono_literals;

namespace {

constexpr unix_seconds start = 1'700'000'000;

/// The samples of a dimension, oldest first, and gaps.
std::vector<double> samples(const chart& from, std::size_t dimension) {
    std::vector<double> all;
    from.visit<1>(from.unread(0), dimension,
                  [&](const auto& row) { all.insert(all.begin(), row[0]); });
    return all;
}
bool is_gap(double sample) { return !double_cell::exists(sample); }

double total(const chart& from, std::size_t dimension) {
    double all = 0;
    for (const double v : samples(from, dimension)) {
        all += is_gap(v) ? 0 : v;
    }
    return all;
}

}  // namespace

TEST_CASE("each member of a struct of instruments is a dimension") {
    host h{"web-1"};
    auto& http = h.instrument<traffic>("http");
    const chart& chart = h.chart_at(0);
    REQUIRE(chart.id() == "http");
    REQUIRE(chart.width() == 4);
    REQUIRE(chart.dimension(0).id == "requests");
    REQUIRE(chart.dimension(0).algorithm == difference);
    REQUIRE(chart.dimension(3).id == "depth");
    http.requests.add(3);
    http.open.add(2);
    http.depth.record(7.5);
    h.sample(start);
    http.requests.add(2);
    http.open.subtract();
    http.level.set(9);
    h.sample(start + 1);
    REQUIRE(samples(chart, 0) == std::vector<double>{3, 2});
    REQUIRE(samples(chart, 1) == std::vector<double>{2, 1});
    REQUIRE(is_gap(samples(chart, 2)[0]));  // never set
    REQUIRE(samples(chart, 2)[1] == 9);
    REQUIRE(samples(chart, 3)[0] == 7.5);
    REQUIRE(is_gap(samples(chart, 3)[1]));  // none in this slot
    REQUIRE(chart.collected(0).visit([](auto v) { return static_cast<std::uint64_t>(v); }) == 5);
    REQUIRE(chart.collected_kind(0) == value_kind::unsigned_integer);
    REQUIRE(chart.collected_kind(1) == value_kind::integer);
    REQUIRE(chart.counters().non_finite == 0);
}

TEST_CASE("a slot is taken once, whoever comes first") {
    host h{"h"};
    auto& hits = h.instrument<counter>("hits", {.update_every = 10s});
    REQUIRE(h.chart_at(0).dimension(0).id == "value");
    hits.add();
    REQUIRE(h.sample(1'700'000'005) == 1'700'000'010);
    hits.add();
    REQUIRE(h.sample(1'700'000'009) == 1'700'000'010);
    hits.add();
    REQUIRE(h.sample(1'700'000'012) == 1'700'000'020);
    REQUIRE(h.sample(1'700'000'012) == 1'700'000'020);
    REQUIRE(samples(h.chart_at(0), 0) == std::vector<double>{1, 2});
    REQUIRE(h.chart_at(0).time_of(h.chart_at(0).recorded().kept.first) == 1'700'000'000);
    REQUIRE(h.chart_at(0).counters().refused == 0);
}

TEST_CASE("a late slot has it all, and those before it are gaps") {
    host h{"h"};
    auto& hits = h.instrument<counter>("hits");
    hits.add();
    h.sample(start);
    hits.add(5);
    h.sample(start + 4);
    const auto all = samples(h.chart_at(0), 0);
    REQUIRE(all.size() == 5);
    REQUIRE(is_gap(all[1]));
    REQUIRE(all[4] == 5);
    REQUIRE(total(h.chart_at(0), 0) == 6);
}

TEST_CASE("samples add up to the total whatever the clock does") {
    host h{"h"};
    auto& http = h.instrument<traffic>("http");
    std::uint64_t added = 0;
    double greatest = 0;
    // Two who read their clocks in another order, a step back, a long one, and one to come.
    for (const unix_seconds at :
         {start, start + 1, start, start + 2, start - 1, start + 3, start - 4, start - 3, start + 4,
          start - 1000, start - 999, start - 998, start + 50, std::int64_t{1} << 62, start + 51,
          start + 52}) {
        http.requests.add(++added);
        http.depth.record(static_cast<double>(added));
        h.sample(at);
    }
    const double all = static_cast<double>(added * (added + 1) / 2);
    REQUIRE(total(h.chart_at(0), 0) == all);
    for (const double v : samples(h.chart_at(0), 3)) {
        greatest = v > greatest ? v : greatest;
    }
    REQUIRE(greatest == static_cast<double>(added));
}

TEST_CASE("what a chart refuses is in the next sample, a peak too") {
    host h{"h"};
    auto& http = h.instrument<traffic>("http");
    h.sample(start);
    http.requests.add(2);
    http.depth.record(8);
    h.sample(std::int64_t{1} << 60);  // no clock is that far ahead
    REQUIRE(h.chart_at(0).counters().refused == 1);
    h.sample(start + 1);
    REQUIRE(samples(h.chart_at(0), 0) == std::vector<double>{0, 2});
    REQUIRE(samples(h.chart_at(0), 3)[1] == 8);
}

TEST_CASE("at an end a slot that was taken leaves nothing behind") {
    host h{"h"};
    auto& hits = h.instrument<counter>("hits");
    hits.add();
    h.sample(start);
    hits.add(2);
    h.sample_rest(start);
    hits.add(4);
    h.sample_rest(start);
    REQUIRE(samples(h.chart_at(0), 0) == std::vector<double>{1, 2, 4});
    h.sample(start + 2);  // was taken ahead
    REQUIRE(samples(h.chart_at(0), 0).size() == 3);
}

TEST_CASE("instruments without cells, and with shared ones, are charts too") {
    host h{"h"};
    auto& gauges = h.instrument<only_gauges>("gauges");
    auto& shared = h.instrument<shared_traffic>("shared");
    gauges.a.set(1.5);
    gauges.b.record(-3);
    shared.hits.add(3);
    shared.misses.add(4);
    h.sample(start);
    REQUIRE(samples(h.chart_at(0), 0) == std::vector<double>{1.5});
    REQUIRE(samples(h.chart_at(0), 1) == std::vector<double>{-3});
    REQUIRE(samples(h.chart_at(1), 0) == std::vector<double>{3});
    REQUIRE(samples(h.chart_at(1), 1) == std::vector<double>{4});
}

TEST_CASE("a counter is a rate, or scaled, where its chart says so") {
    host h{"h"};
    auto& rate = h.instrument<traffic>("rate", {.update_every = 5s, .algorithm = incremental});
    auto& scaled = h.instrument<counter>("scaled", {.multiplier = 8, .divisor = 2});
    rate.requests.add(10);
    rate.level.set(3);
    scaled.add(3);
    h.sample(start);
    rate.requests.add(10);
    h.sample(start + 5);
    REQUIRE(samples(h.chart_at(0), 0)[1] == 2);
    REQUIRE(samples(h.chart_at(0), 2) == std::vector<double>{3, 3});
    REQUIRE(samples(h.chart_at(1), 0)[0] == 12);
}

TEST_CASE("the sum over any window is the number of events in it, and the total is collected") {
    host h{"h"};
    auto& hits = h.instrument<counter>("hits");
    hits.add(std::uint64_t{1} << 60);
    h.sample(start);
    const chart& chart = h.chart_at(0);
    stored<sum>::cursor sums;
    double exported = 0;
    const auto read = [&] {
        stored<sum>::read(chart, sums, start,
                          [&](std::size_t, std::size_t, unix_seconds, double v) { exported = v; });
    };
    read();
    REQUIRE(exported == static_cast<double>(std::uint64_t{1} << 60));
    for (int n = 1; n <= 3; ++n) {
        hits.add();
        h.sample(start + n);
    }
    read();
    REQUIRE(exported == 3);
    as_collected::cursor values;
    std::uint64_t total = 0;
    as_collected::read(chart, values, start, [&](std::size_t, std::size_t, unix_seconds, auto v) {
        total = static_cast<std::uint64_t>(v);
    });
    REQUIRE(total == (std::uint64_t{1} << 60) + 3);
}

TEST_CASE("removed instruments leave their last events in the chart") {
    host h{"h"};
    host::follower exporter;
    backends::detail::list<const chart*> arrived;
    const auto first = h.lease<traffic>("first");
    const auto second = h.lease<counter>("second");
    auto& third = h.instrument<counter>("third");
    exporter.update(h, arrived);
    first->requests.add(3);
    h.sample(start);
    first->requests.add(4);
    h.remove(first);
    REQUIRE(h.size() == 2);
    REQUIRE(total(*arrived[0], 0) == 7);
    second->add(2);
    h.remove(h.chart_at(1));  // by its chart: the last took the place of the first
    REQUIRE(total(*arrived[1], 0) == 2);
    third.add();
    h.sample(start + 1);
    REQUIRE(total(h.chart_at(0), 0) == 1);
    REQUIRE_THROWS_AS(h.remove(second), config_error);
    REQUIRE_THROWS_AS(h.instrument<counter>("third"), config_error);
    exporter.update(h, arrived);
}

TEST_CASE("without instruments there is nothing to sample, ever") {
    const host h{"h"};
    REQUIRE(h.sample(start) == std::numeric_limits<unix_seconds>::max());
}
