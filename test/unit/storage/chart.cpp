// SPDX-License-Identifier: BSL-1.0
#include <backends/storage/chart.hpp>

#include <backends/cell/packed_cell.hpp>
#include <backends/core/errors.hpp>
#include <backends/storage/locked.hpp>
#include <backends/storage/unsynchronized.hpp>

#include "catch.hpp"

#include <array>
#include <chrono>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

using namespace backends;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

/// A column of the whole ring by time; a gap is a time without a value.
template <class Chart>
std::map<unix_seconds, std::optional<double>> column(const Chart& chart, std::size_t i) {
    std::map<unix_seconds, std::optional<double>> values;
    const slot_range kept = chart.unread(0);
    for (slot_number slot = kept.first; slot < kept.end; ++slot) {
        values[chart.time_of(slot)];
    }
    chart.samples(i, INT64_MIN, INT64_MAX, [&](unix_seconds at, double v) { values.at(at) = v; });
    return values;
}

std::map<unix_seconds, std::optional<double>> values(
    std::initializer_list<std::pair<const unix_seconds, std::optional<double>>> list) {
    return list;
}

chart one(algorithm how, std::int64_t multiplier = 1, std::int64_t divisor = 1,
          value_kind kind = value_kind::floating) {
    return chart{
        "c", {"d"}, kind, {.algorithm = how, .multiplier = multiplier, .divisor = divisor}};
}

template <class T>
void require_collected(const collected_value& v, T expected, unix_seconds at) {
    REQUIRE(v.present);
    REQUIRE(v.at == at);
    v.visit([&](auto x) {
        if constexpr (std::is_same_v<decltype(x), T>) {
            REQUIRE(x == expected);
        } else {
            FAIL("another kind");
        }
    });
}

}  // namespace

TEST_CASE("a chart keeps what is recorded, one slot every update_every seconds") {
    chart c{"c", {"a", "b"}, value_kind::floating, {.update_every = seconds{5}}};
    REQUIRE(c.record(1003, {1, 2}));
    REQUIRE(c.record(1008, {3.5, 4}));
    REQUIRE(c.record(1023, std::array{5.0, 6.0}));
    REQUIRE(column(c, 0) == values({{1003, 1}, {1008, 3.5}, {1013, {}}, {1018, {}}, {1023, 5}}));
    REQUIRE(column(c, 1) == values({{1003, 2}, {1008, 4}, {1013, {}}, {1018, {}}, {1023, 6}}));
}

TEST_CASE("a window holds the slots later than its start and not later than its end") {
    chart c{"c", {"d"}, value_kind::floating, {.update_every = seconds{10}}};
    for (unix_seconds at = 107; at <= 157; at += 10) {
        REQUIRE(c.record(at, {1.0}));
    }
    REQUIRE(c.window(107, 157).size() == 5);
    REQUIRE(c.window(106, 157).size() == 6);
    REQUIRE(c.window(106, 156).size() == 5);
    REQUIRE(c.window(117, 117).empty());
    REQUIRE(c.window(116, 117).size() == 1);
    REQUIRE(c.window(157, 1000).empty());
    REQUIRE(c.window(1000, 100).empty());
    REQUIRE(c.window(INT64_MIN, INT64_MAX).size() == 6);
}

TEMPLATE_TEST_CASE("samples come with their times, the newest first, without gaps", "",
                   unsynchronized, wait_free, locked) {
    basic_chart<packed_cell, 10, TestType> c{"c", {"a", "b"}, value_kind::floating, {}};
    REQUIRE(c.record(1, {1.0, 10.0}));
    REQUIRE(c.record(2, {2.0, not_a_number}));
    REQUIRE(c.record(4, {4.0, 40.0}));
    REQUIRE(c.record(1'000, {5.0, 50.0}));  // after a jump of the clock
    using samples = std::vector<std::pair<unix_seconds, double>>;
    samples seen;
    const auto keep = [&](unix_seconds at, double v) { seen.emplace_back(at, v); };
    REQUIRE(c.samples(1, INT64_MIN, INT64_MAX, keep) == 3);
    REQUIRE(seen == samples{{1'000, 50}, {4, 40}, {1, 10}});
    seen.clear();
    REQUIRE(c.samples(0, 1, 4, keep) == 2);
    REQUIRE(seen == samples{{4, 4}, {2, 2}});
    REQUIRE(c.samples(1, 1, 3, keep) == 0);
}

TEST_CASE("what a visitor throws reaches the caller, and the chart is free") {
    basic_chart<double_cell, 10, locked> c{"c", {"d"}, value_kind::floating, {}};
    REQUIRE(c.record(1, {1.0}));
    REQUIRE_THROWS_AS(c.samples(0, 0, 1, [](unix_seconds at, double) { throw at; }), unix_seconds);
    REQUIRE(c.record(2, {1.0}));
}

TEST_CASE(
    "a second row in a slot, a late one and a time that overflows are refused and change nothing") {
    chart c{"c", {"d"}, value_kind::integer, {}};
    REQUIRE(c.record(100, {1}));
    REQUIRE_FALSE(c.record(100, {2}));
    REQUIRE_FALSE(c.record(99, {3}));
    REQUIRE_FALSE(c.record(INT64_MIN, {4}));
    REQUIRE_FALSE(c.record(INT64_MAX, {5}));
    REQUIRE(c.counters().refused == 4);
    REQUIRE(c.counters().clock_steps == 0);
    REQUIRE(column(c, 0) == values({{100, 1}}));
    require_collected(c.collected(0), std::int64_t{1}, 100);
}

TEST_CASE("the first time may not be one that overflows") {
    chart c{"c", {"d"}, value_kind::floating, {}};
    REQUIRE_FALSE(c.record(INT64_MIN, {1.0}));
    REQUIRE_FALSE(c.record(INT64_MAX, {1.0}));
    REQUIRE(c.recorded().samples == 0);
    REQUIRE(c.record(-5, {1.0}));
    REQUIRE(column(c, 0) == values({{-5, 1}}));
}

TEST_CASE("a jump over half of the ring leaves gaps, a longer one takes the next slot") {
    basic_chart<double_cell, 4> c{"c", {"d"}, value_kind::floating, {}};
    for (unix_seconds at = 1; at <= 4; ++at) {
        REQUIRE(c.record(at, {1.0}));
    }
    REQUIRE(c.record(7, {2.0}));
    REQUIRE(column(c, 0) == values({{4, 1}, {5, {}}, {6, {}}, {7, 2}}));
    REQUIRE(c.record(11, {3.0}));
    REQUIRE(column(c, 0) == values({{5, {}}, {6, {}}, {7, 2}, {11, 3}}));
    REQUIRE(c.record(1'000'000'000, {4.0}));
    REQUIRE(c.record(1'000'000'001, {5.0}));
    REQUIRE(column(c, 0) == values({{7, 2}, {11, 3}, {1'000'000'000, 4}, {1'000'000'001, 5}}));
    REQUIRE(c.counters().clock_steps == 0);
}

TEST_CASE("values that are not finite are counted gaps, and were not collected") {
    chart c{"c", {"a", "b", "c"}, value_kind::floating, {}};
    REQUIRE(c.record(1, {1.0, 2.0, 3.0}));
    REQUIRE(c.record(2, {not_a_number, 5.0, std::numeric_limits<double>::infinity()}));
    REQUIRE(c.counters().non_finite == 2);
    REQUIRE(column(c, 0) == values({{1, 1}, {2, {}}}));
    REQUIRE(column(c, 1) == values({{1, 2}, {2, 5}}));
    require_collected(c.collected(0), 1.0, 1);
    require_collected(c.collected(1), 5.0, 2);
    require_collected(c.collected(2), 3.0, 1);
    REQUIRE(c.recorded().samples == 4);

    REQUIRE(c.record(3, {6.0, not_a_number, 7.0}));
    require_collected(c.collected(0), 6.0, 3);
    require_collected(c.collected(1), 5.0, 2);
    require_collected(c.collected(2), 7.0, 3);
}

TEST_CASE("values beyond a packed cell's range are counted") {
    basic_chart<packed_cell> c{"c", {"d"}, value_kind::floating, {}};
    REQUIRE(c.record(1, {1e20}));
    REQUIRE(c.counters().saturated == 1);
    REQUIRE(column(c, 0) == values({{1, 167'772'150'000'000}}));
    require_collected(c.collected(0), 1e20, 1);
}

TEST_CASE("dimensions that are not set are gaps and keep value and time") {
    chart c{"c", {"a", "b"}, value_kind::integer, {}};
    c.set(0, 1);
    c.set(1, 2);
    REQUIRE(c.commit(10));
    c.set(1, 3);
    REQUIRE(c.commit(11));
    REQUIRE(c.commit(12));
    REQUIRE(column(c, 0) == values({{10, 1}, {11, {}}, {12, {}}}));
    REQUIRE(column(c, 1) == values({{10, 2}, {11, 3}, {12, {}}}));
    require_collected(c.collected(0), std::int64_t{1}, 10);
    require_collected(c.collected(1), std::int64_t{3}, 11);
    REQUIRE(c.recorded().samples == 3);
}

TEST_CASE("what was set is forgotten when its commit is refused") {
    chart c{"c", {"a", "b"}, value_kind::floating, {}};
    REQUIRE(c.record(10, {1.0, 2.0}));
    c.set(0, 9.0);
    REQUIRE_FALSE(c.commit(10));
    c.set(1, 3.0);
    REQUIRE(c.commit(11));
    REQUIRE(column(c, 0) == values({{10, 1}, {11, {}}}));
    require_collected(c.collected(0), 1.0, 10);
}

TEST_CASE("what was set is forgotten when a row is recorded before its commit") {
    for (const auto how : {algorithm::absolute, algorithm::incremental}) {
        chart c{"c", {"a", "b"}, value_kind::floating, {.algorithm = how}};
        REQUIRE(c.record(10, {1.0, 2.0}));
        c.set(0, 9.0);
        REQUIRE(c.record(11, {2.0, 4.0}));
        REQUIRE(c.commit(12));
        REQUIRE_FALSE(column(c, 0).at(12).has_value());
        require_collected(c.collected(0), 2.0, 11);
        require_collected(c.collected(1), 4.0, 11);
        c.set(1, 9.0);
        REQUIRE(c.record(13, std::vector<double>{3.0}));
        require_collected(c.collected(0), 3.0, 13);
        require_collected(c.collected(1), 4.0, 11);
    }
}

TEST_CASE("a row with a value that is not finite leaves nothing set") {
    chart c{"c", {"a", "b"}, value_kind::floating, {}};
    REQUIRE(c.record(10, {1.0, std::nan("")}));
    REQUIRE(c.commit(11));
    REQUIRE_FALSE(column(c, 0).at(11).has_value());
    REQUIRE_FALSE(column(c, 1).at(11).has_value());
    require_collected(c.collected(0), 1.0, 10);
}

TEST_CASE("a row shorter than the chart leaves gaps, a longer one is cut") {
    chart c{"c", {"a", "b"}, value_kind::floating, {}};
    REQUIRE(c.record(1, std::vector<double>{1}));
    REQUIRE(c.record(2, std::vector<double>{1, 2, 3}));
    REQUIRE(column(c, 0) == values({{1, 1}, {2, 1}}));
    REQUIRE(column(c, 1) == values({{1, {}}, {2, 2}}));
    REQUIRE_FALSE(c.collected(1).at == 1);
}

TEST_CASE("a row may be of any numbers, whatever the chart collects") {
    chart c{"c", {"d"}, value_kind::unsigned_integer, {}};
    REQUIRE(c.record(1, {UINT64_MAX}));
    require_collected(c.collected(0), UINT64_MAX, 1);
    REQUIRE(c.record(2, {-1}));
    require_collected(c.collected(0), std::uint64_t{0}, 2);
    REQUIRE(c.record(3, {7.9F}));
    require_collected(c.collected(0), std::uint64_t{7}, 3);
    const std::array<bool, 1> row{true};
    REQUIRE(c.record(4, row));
    require_collected(c.collected(0), std::uint64_t{1}, 4);
}

TEST_CASE("absolute values are scaled, collected ones are not") {
    auto c = one(absolute, 8, 1024, value_kind::integer);
    REQUIRE(c.record(1, {640}));
    REQUIRE(column(c, 0) == values({{1, 5}}));
    require_collected(c.collected(0), std::int64_t{640}, 1);
}

TEST_CASE("an incremental dimension stores its rate per second, none at first") {
    auto c = one(incremental, 10, 2, value_kind::unsigned_integer);
    REQUIRE(c.record(100, {1000}));
    REQUIRE(c.record(101, {1006}));
    REQUIRE(c.record(105, {1026}));  // 20 in 4 seconds
    REQUIRE(column(c, 0) ==
            values({{100, {}}, {101, 30}, {102, {}}, {103, {}}, {104, {}}, {105, 25}}));
}

TEST_CASE("a difference is what came since the last row, all of it at first") {
    auto c = one(difference, 10, 2, value_kind::unsigned_integer);
    REQUIRE(c.record(100, {1000}));
    REQUIRE(c.record(101, {1006}));
    REQUIRE_FALSE(c.record(101, {1010}));  // a refused row takes nothing along
    REQUIRE(c.record(105, {1026}));
    REQUIRE(c.record(106, {3}));
    REQUIRE(
        column(c, 0) ==
        values({{100, 5000}, {101, 30}, {102, {}}, {103, {}}, {104, {}}, {105, 100}, {106, 0}}));
}

TEST_CASE("a counter is exact over its 64 bits") {
    auto c = one(incremental, 1, 1, value_kind::unsigned_integer);
    REQUIRE(c.record(1, {UINT64_MAX - 3}));
    REQUIRE(c.record(2, {UINT64_MAX}));
    REQUIRE(column(c, 0) == values({{1, {}}, {2, 3}}));
    auto s = one(incremental, 1, 1, value_kind::integer);
    REQUIRE(s.record(1, {INT64_MIN}));
    REQUIRE(s.record(2, {INT64_MIN + 5}));
    REQUIRE(s.record(3, {INT64_MAX}));
    REQUIRE(column(s, 0).at(2) == 5.0);
    REQUIRE(column(s, 0).at(3) == 18446744073709551610.0);
}

TEST_CASE("a counter that went back restarts with 0 and the reset flag") {
    basic_chart<packed_cell, 10, unsynchronized> c{
        "c", {"d"}, value_kind::unsigned_integer, {.algorithm = incremental}};
    REQUIRE(c.record(1, {50}));
    REQUIRE(c.record(2, {60}));
    REQUIRE(c.record(3, {5}));
    REQUIRE(c.record(4, {8}));
    REQUIRE(column(c, 0) == values({{1, {}}, {2, 10}, {3, 0}, {4, 3}}));
    std::vector<bool> resets;
    c.visit<1>(c.window(1, 4), 0,
               [&](const auto& row) { resets.push_back(packed_cell::was_reset(row[0])); });
    REQUIRE(resets == std::vector<bool>{false, true, false});
}

TEST_CASE("a counter bridges slots in which it was not collected") {
    chart c{"c", {"a", "b"}, value_kind::integer, {.algorithm = incremental}};
    REQUIRE(c.record(1, {10, 100}));
    c.set(1, 101);
    REQUIRE(c.commit(2));
    REQUIRE(c.record(3, {16, 103}));
    REQUIRE(column(c, 0) == values({{1, {}}, {2, {}}, {3, 3}}));
    REQUIRE(column(c, 1) == values({{1, {}}, {2, 1}, {3, 2}}));
}

TEST_CASE("percentages of a row are shares of its values") {
    chart c{"c", {"a", "b", "c"}, value_kind::integer, {.algorithm = percentage_of_absolute_row}};
    REQUIRE(c.record(1, {1, 3, 4}));
    REQUIRE(c.record(2, {0, 0, 0}));
    REQUIRE(column(c, 0) == values({{1, 12.5}, {2, 0}}));
    REQUIRE(column(c, 1) == values({{1, 37.5}, {2, 0}}));
    REQUIRE(column(c, 2) == values({{1, 50}, {2, 0}}));
}

TEST_CASE("percentages of increments are shares of what the row grew by") {
    chart c{"c", {"a", "b"}, value_kind::integer, {.algorithm = percentage_of_incremental_row}};
    REQUIRE(c.record(1, {100, 200}));
    REQUIRE(c.record(2, {101, 203}));
    REQUIRE(c.record(3, {101, 203}));
    REQUIRE(c.record(4, {0, 204}));  // the first went back: it has no part in the row
    REQUIRE(column(c, 0) == values({{1, {}}, {2, 25}, {3, 0}, {4, 0}}));
    REQUIRE(column(c, 1) == values({{1, {}}, {2, 75}, {3, 0}, {4, 100}}));
}

TEST_CASE("each dimension may have its own algorithm, factors and kind") {
    chart c{"c",
            {"a",
             {"b", {.algorithm = incremental, .divisor = 1}},
             {"c", {.kind = value_kind::floating}}},
            value_kind::integer,
            {.divisor = 10}};
    REQUIRE(c.dimension(0).divisor == 10);
    REQUIRE(c.dimension(1).algorithm == incremental);
    REQUIRE(c.record(1, {10.0, 20.0, 0.5}));
    REQUIRE(c.record(2, {20.0, 25.0, 0.5}));
    REQUIRE(column(c, 0) == values({{1, 1}, {2, 2}}));
    REQUIRE(column(c, 1) == values({{1, {}}, {2, 5}}));
    REQUIRE(column(c, 2) == values({{1, 0.05}, {2, 0.05}}));
    require_collected(c.collected(1), std::int64_t{25}, 2);
    require_collected(c.collected(2), 0.5, 2);
}

TEST_CASE("a plain chart and one that computes store the same") {
    std::mt19937_64 random{5};
    basic_chart<double_cell, 50> plain{"p", {"a", "b", "c"}, value_kind::floating, {}};
    basic_chart<double_cell, 50> general{
        "g", {"a", "b", "c", {"x", {.divisor = 2}}}, value_kind::floating, {}};
    unix_seconds at = 1000;
    for (int n = 0; n < 2000; ++n) {
        at += static_cast<unix_seconds>(random() % 16 == 0 ? random() % 100 : 1);
        std::array<double, 3> row{};
        for (double& v : row) {
            v = random() % 9 == 0 ? not_a_number : static_cast<double>(random() % 1000) / 8;
        }
        REQUIRE(plain.record(at, row) == general.record(at, row));
        for (std::size_t i = 0; i < row.size(); ++i) {
            REQUIRE(plain.collected(i).present == general.collected(i).present);
            REQUIRE(plain.collected(i).bits == general.collected(i).bits);
            REQUIRE(plain.collected(i).at == general.collected(i).at);
        }
        if (n % 50 == 0) {
            REQUIRE(column(plain, 1) == column(general, 1));
        }
    }
    REQUIRE(plain.recorded().samples == general.recorded().samples);
    REQUIRE(plain.counters().non_finite == general.counters().non_finite);
    REQUIRE(plain.counters().refused == general.counters().refused);
}

TEST_CASE("what a chart cannot be made of is an error that names it") {
    const auto fails = [](const std::string& says, std::vector<new_dimension> dimensions,
                          chart_options options, std::string id = "disk.io") {
        REQUIRE_THROWS_WITH((chart{std::move(id), dimensions, value_kind::floating, options}),
                            ContainsSubstring(says));
    };
    fails("needs an id", {"d"}, {}, "");
    fails("disk.io", {}, {});
    fails("needs a dimension", {}, {});
    fails("twice", {"read", "write", "read"}, {});
    fails("read", {"read", "write", "read"}, {});
    fails("needs an id", {"read", ""}, {});
    fails("divisor", {"d"}, {.divisor = 0});
    fails("update_every", {"d"}, {.update_every = seconds{0}});
    fails("update_every", {"d"}, {.update_every = seconds{std::int64_t{1} << 33}});
    fails("entries", {"d"}, {.entries = 0});
    fails("1 to 536870912", {"d"}, {.entries = max_slots + 1});
    fails("allowed_lateness = -1", {"d"}, {.allowed_lateness = seconds{-1}});
    fails("0 to 4294967296 seconds", {"d"}, {.allowed_lateness = std::chrono::hours::max()});
}

TEST_CASE("entries that the type of a chart has no room for are an error, not ignored") {
    const auto complaint = []<class Chart>(std::type_identity<Chart>, std::size_t entries) {
        try {
            Chart{"c", {"d"}, value_kind::floating, {.entries = entries}};
        } catch (const config_error& e) {
            return std::string{e.what()};
        }
        return std::string{};
    };
    const std::type_identity<basic_chart<double_cell, 60>> fixed;
    const std::type_identity<basic_chart<double_cell, dynamic_capacity>> dynamic;
    CHECK(complaint(fixed, 61) ==
          "chart c, entries = 61: the chart's type has 60 slots; basic_host<Cell, "
          "dynamic_capacity> takes entries");
    CHECK(complaint(fixed, 59).find("the chart's type has 60 slots") != std::string::npos);
    CHECK(complaint(fixed, 60).empty());
    CHECK(complaint(dynamic, 61).empty());
    CHECK(complaint(std::type_identity<chart>{}, 61).find("chart c, entries = 61: ") == 0);
    const basic_chart<double_cell, dynamic_capacity> unsaid{"c", {"d"}, value_kind::floating, {}};
    CHECK(unsaid.capacity() == default_capacity);
}
