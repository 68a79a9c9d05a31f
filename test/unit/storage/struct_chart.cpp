// SPDX-License-Identifier: BSL-1.0
#include <backends/storage/struct_chart.hpp>

#include <boost/hana/adapt_struct.hpp>

#include "catch.hpp"

#include <cstdint>
#include <limits>

namespace {
struct queue_stats {
    long depth;
    double wait_ms;
    std::uint8_t level;
};
}  // namespace
BOOST_HANA_ADAPT_STRUCT(queue_stats, depth, wait_ms, level);

using namespace backends;

namespace {
double newest(const struct_chart<queue_stats>& chart, std::size_t i) {
    double value = double_cell::gap;
    const slot_range all = chart.unread(0);
    chart.visit<1>({all.end - 1, all.end}, i, [&](const auto& row) { value = row[0]; });
    return value;
}
}  // namespace

TEST_CASE("a struct's members are a chart's dimensions, with their types") {
    const struct_chart<queue_stats> chart{"app.queue", {}};
    REQUIRE(chart.width() == 3);
    REQUIRE(chart.dimension(0).id == "depth");
    REQUIRE(chart.dimension(0).kind == value_kind::integer);
    REQUIRE(chart.dimension(1).id == "wait_ms");
    REQUIRE(chart.dimension(1).kind == value_kind::floating);
    REQUIRE(chart.dimension(2).id == "level");
    REQUIRE(chart.dimension(2).kind == value_kind::unsigned_integer);
}

TEST_CASE("a recorded struct is one row") {
    struct_chart<queue_stats> chart{"app.queue", {}};
    REQUIRE(chart.record(10, {.depth = 3, .wait_ms = 1.25, .level = 200}));
    REQUIRE(newest(chart, 0) == 3);
    REQUIRE(newest(chart, 1) == 1.25);
    REQUIRE(newest(chart, 2) == 200);
    REQUIRE(static_cast<std::int64_t>(chart.collected(0).bits) == 3);
    REQUIRE_FALSE(chart.record(10, {}));
    REQUIRE(chart.record({.depth = 4, .wait_ms = 2, .level = 1}));
    REQUIRE(newest(chart, 0) == 4);
}

TEST_CASE("a member that is not finite is a gap") {
    struct_chart<queue_stats> chart{"app.queue", {}};
    REQUIRE(chart.record(1, {.depth = 1, .wait_ms = 5, .level = 1}));
    REQUIRE(chart.record(
        2, {.depth = 2, .wait_ms = std::numeric_limits<double>::infinity(), .level = 2}));
    REQUIRE(newest(chart, 0) == 2);
    REQUIRE_FALSE(double_cell::exists(newest(chart, 1)));
    REQUIRE(chart.collected(1).as_double() == 5);
    REQUIRE(chart.collected(1).at == 1);
    REQUIRE(chart.counters().non_finite == 1);
}

TEST_CASE("a struct's chart has algorithms like any other") {
    struct_chart<queue_stats> chart{"app.queue", {.algorithm = incremental, .multiplier = 2}};
    REQUIRE(chart.record(1, {.depth = 10, .wait_ms = 1, .level = 0}));
    REQUIRE(chart.record(3, {.depth = 30, .wait_ms = 2, .level = 0}));
    REQUIRE(newest(chart, 0) == 20);
    REQUIRE(newest(chart, 1) == 1);
    REQUIRE(static_cast<std::int64_t>(chart.collected(0).bits) == 30);
}
