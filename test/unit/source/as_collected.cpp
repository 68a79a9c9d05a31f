// SPDX-License-Identifier: BSL-1.0
#include <backends/source/as_collected.hpp>

#include <backends/storage/chart.hpp>

#include "catch.hpp"

#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <tuple>
#include <vector>

using namespace backends;

namespace {

using line = std::tuple<std::size_t, unix_seconds, std::int64_t>;

/// The lines of a chart that collects int64.
std::vector<line> lines(const chart& c, as_collected::cursor& cursor) {
    std::vector<line> all;
    const auto result = as_collected::read(
        c, cursor, 0, [&](std::size_t d, std::size_t v, unix_seconds at, auto value) {
            REQUIRE(v == 0);
            if constexpr (std::is_same_v<decltype(value), std::int64_t>) {
                all.emplace_back(d, at, value);
            } else {
                FAIL("not an int64");
            }
        });
    REQUIRE(result.samples == all.size());
    return all;
}

}  // namespace

TEST_CASE("what was collected since the last reading is emitted, with its own time") {
    chart c{"c", {"a", "b"}, value_kind::integer, {.multiplier = 3, .divisor = 7}};
    as_collected::cursor cursor;
    REQUIRE(lines(c, cursor).empty());

    REQUIRE(c.record(100, {INT64_MAX, INT64_MIN}));
    REQUIRE(c.record(101, {5, -6}));
    REQUIRE(lines(c, cursor) == std::vector<line>{{0, 101, 5}, {1, 101, -6}});
    REQUIRE(lines(c, cursor).empty());

    c.set(1, 7);
    REQUIRE(c.commit(102));
    REQUIRE(c.commit(103));
    REQUIRE(lines(c, cursor) == std::vector<line>{{1, 102, 7}});

    c.set(0, 8);
    REQUIRE(c.commit(104));
    c.set(1, 9);
    REQUIRE(c.commit(105));
    REQUIRE(lines(c, cursor) == std::vector<line>{{0, 104, 8}, {1, 105, 9}});
    REQUIRE(lines(c, cursor).empty());
}

TEST_CASE("a time off the grid is emitted as it was") {
    chart c{"c", {"d"}, value_kind::integer, {.update_every = seconds{10}}};
    as_collected::cursor cursor;
    REQUIRE(c.record(1000, {1}));
    lines(c, cursor);
    REQUIRE(c.record(1012, {2}));
    REQUIRE(lines(c, cursor) == std::vector<line>{{0, 1012, 2}});
    REQUIRE(c.record(1018, {3}));
    REQUIRE(lines(c, cursor) == std::vector<line>{{0, 1018, 3}});
}

TEST_CASE("doubles and unsigned integers stay what they are") {
    chart c{"c", {{"u", {.kind = value_kind::unsigned_integer}}, "d"}, value_kind::floating, {}};
    c.set(0, UINT64_MAX);
    c.set(1, 0.1);
    REQUIRE(c.commit(1));
    int seen = 0;
    as_collected::read_window(c, 0, 0, [&](std::size_t, std::size_t, unix_seconds, auto value) {
        if constexpr (std::is_same_v<decltype(value), std::uint64_t>) {
            REQUIRE(value == UINT64_MAX);
            seen += 1;
        } else if constexpr (std::is_same_v<decltype(value), double>) {
            REQUIRE(value == 0.1);
            seen += 2;
        }
    });
    REQUIRE(seen == 3);
}

TEST_CASE("dimensions of any kinds and times are emitted in their order, each once") {
    std::mt19937 random{5};
    for (int n = 0; n < 200; ++n) {
        std::vector<new_dimension> dimensions;
        const std::size_t width = random() % 40 + 1;
        const bool is_mixed = random() % 2 == 0;
        for (std::size_t i = 0; i < width; ++i) {
            const auto kind =
                static_cast<value_kind>(is_mixed && random() % 3 == 0 ? random() % 3 : 1);
            dimensions.emplace_back("d" + std::to_string(i), dimension_options{.kind = kind});
        }
        chart c{"c", dimensions, value_kind::integer, {}};
        as_collected::cursor cursor;
        unix_seconds at = 100;
        for (int reading = 0; reading < 5; ++reading) {
            std::vector<line> expected(width);
            std::vector<bool> is_new(width);
            for (std::size_t row = random() % 4; row != 0; --row, ++at) {
                const unsigned share = random() % 8;  // of the dimensions that are collected
                for (std::size_t i = 0; i < width; ++i) {
                    if (random() % 8 <= share) {
                        const auto value = static_cast<std::int64_t>(random());
                        c.set(i, value);
                        expected[i] = {i, at, value};
                        is_new[i] = true;
                    }
                }
                REQUIRE(c.commit(at));
            }
            std::vector<line> seen;
            as_collected::read(c, cursor, 0,
                               [&](std::size_t d, std::size_t, unix_seconds t, auto v) {
                                   seen.emplace_back(d, t, static_cast<std::int64_t>(v));
                               });
            std::vector<line> wanted;
            for (std::size_t i = 0; i < width; ++i) {
                if (is_new[i]) {
                    wanted.push_back(expected[i]);
                }
            }
            REQUIRE(seen == wanted);
        }
    }
}

TEST_CASE("a window does not matter to what was collected") {
    chart c{"c", {"d"}, value_kind::integer, {}};
    REQUIRE(c.record(50, {1}));
    int seen = 0;
    as_collected::read_window(c, 60, 70, [&](std::size_t, std::size_t, unix_seconds at, auto) {
        REQUIRE(at == 50);
        ++seen;
    });
    REQUIRE(seen == 1);
}
