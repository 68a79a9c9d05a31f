// SPDX-License-Identifier: BSL-1.0
#include <backends/source/stored.hpp>

#include <backends/cell/float_cell.hpp>
#include <backends/cell/packed_cell.hpp>
#include <backends/source/average.hpp>
#include <backends/source/count.hpp>
#include <backends/source/sum.hpp>
#include <backends/storage/chart.hpp>
#include <backends/storage/locked.hpp>
#include <backends/storage/unsynchronized.hpp>

#include "catch.hpp"
#include "naive_chart.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <tuple>
#include <vector>

using namespace backends;

namespace {

double naive_sum(const std::vector<double>& words, double_cell) {
    double total = 0;
    for (const double word : words) {
        total += word;
    }
    return total;
}
double naive_sum(const std::vector<float>& words, float_cell) {
    double total = 0;
    for (const float word : words) {
        total += static_cast<double>(word);
    }
    return total;
}
decimal naive_sum(const std::vector<std::uint32_t>& words, packed_cell) {
    int128 total = 0;
    for (const std::uint32_t word : words) {
        int128 units = word & 0xff'ffff;
        const auto p = static_cast<int>(word >> 27 & 7);
        for (int k = 0; k < ((word >> 30 & 1) != 0 ? 7 + p : 7 - p); ++k) {
            units *= 10;
        }
        total += (word >> 31) != 0 ? -units : units;
    }
    return {total};
}

template <class Cell, class Recording>
void compare(std::size_t capacity, std::size_t width, std::int64_t every, unsigned seed) {
    std::mt19937_64 random{seed};
    std::vector<new_dimension> dimensions;
    for (std::size_t i = 0; i < width; ++i) {
        dimensions.emplace_back("d" + std::to_string(i));
    }
    basic_chart<Cell, dynamic_capacity, Recording> chart{
        "c",
        dimensions,
        value_kind::floating,
        {.update_every = seconds{every}, .entries = capacity}};
    naive_chart<Cell> model{capacity, every};
    const auto step = [&] {  // ahead over some slots, or the clock is set back
        const auto slots = static_cast<std::int64_t>(random() % (2 * capacity));
        switch (random() % 36) {
            case 0:
            case 1:
            case 2: return every * (slots + 1);
            case 3: return -every * (slots + 5);
            default: return every;
        }
    };
    unix_seconds at = static_cast<unix_seconds>(random() % 3'600'000'000) - 2'000'000'000;
    for (int n = 0; n < 120; ++n, at += step()) {
        std::vector<double> row(width);
        typename naive_chart<Cell>::words words;
        for (double& v : row) {
            v = random() % 5 == 0 ? std::numeric_limits<double>::quiet_NaN()
                                  : static_cast<double>(static_cast<std::int64_t>(random())) /
                                        std::pow(10.0, static_cast<double>(random() % 25));
            words.push_back(Cell::store(v, false).word);
        }
        REQUIRE(chart.record(at, row));
        model.add(at, words);

        const auto spread = static_cast<std::int64_t>(capacity + 4) * every;
        const auto any_time = [&] {
            return at + every -
                   static_cast<std::int64_t>(random() % static_cast<unsigned>(2 * spread));
        };
        const unix_seconds after = n % 7 == 0 ? INT64_MIN : any_time();
        const unix_seconds before = n % 11 == 0 ? INT64_MAX : any_time();
        std::size_t next = 0;
        const auto skip_empty = [&] {
            while (next < width && model.window(next, after, before).empty()) {
                ++next;
            }
        };
        skip_empty();
        stored<sum>::read_window(
            chart, after, before,
            [&](std::size_t d, std::size_t v, unix_seconds stamp, auto value) {
                REQUIRE(d == next);
                REQUIRE(v == 0);
                REQUIRE(stamp == before);
                REQUIRE(value == naive_sum(model.window(d, after, before), Cell{}));
                ++next;
                skip_empty();
            });
        REQUIRE(next == width);
    }
}

}  // namespace

TEMPLATE_TEST_CASE("a window's sums are those of a list of rows", "", double_cell, float_cell,
                   packed_cell) {
    unsigned seed = 0;
    for (const std::size_t capacity : {1U, 2U, 3U, 4U, 7U, 60U}) {
        for (const std::size_t width : {1U, 2U, 3U, 7U, 8U, 9U, 15U, 17U}) {
            for (const std::int64_t every : {1, 5}) {
                compare<TestType, unsynchronized>(capacity, width, every, ++seed);
                compare<TestType, wait_free>(capacity, width, every, ++seed);
                compare<TestType, locked>(capacity, width, every, ++seed);
            }
        }
    }
}

TEST_CASE("every sample enters exactly one reading or is counted as overrun") {
    std::mt19937_64 random{3};
    for (const std::size_t capacity : {1U, 2U, 5U, 20U, 200U}) {
        basic_chart<double_cell, dynamic_capacity> chart{
            "c", {"a", "b", "c"}, value_kind::floating, {.entries = capacity}};
        stored<sum>::cursor cursor;
        std::uint64_t recorded = 0;
        std::uint64_t read = 0;
        std::uint64_t overrun = 0;
        std::uint64_t total = 0;
        unix_seconds at = 100;
        for (int n = 0; n < 3000; ++n) {
            if (random() % 5 != 0) {
                for (std::size_t i = 0; i < 3; ++i) {
                    if (random() % 4 != 0) {
                        chart.set(i, 1.0);
                        ++recorded;
                    }
                }
                REQUIRE(chart.commit(at));
                at += static_cast<unix_seconds>(random() % 20 == 0 ? random() % 40 + 1 : 1);
            } else {
                // Any clock, going back as well.
                const auto result =
                    stored<sum>::read(chart, cursor, static_cast<unix_seconds>(random() % 1000),
                                      [&](std::size_t, std::size_t, unix_seconds, double v) {
                                          total += static_cast<std::uint64_t>(v);
                                      });
                read += result.samples;
                overrun += result.overrun;
                REQUIRE(read + overrun == recorded);
                REQUIRE(total == read);
            }
        }
        REQUIRE(read > 0);
        REQUIRE((overrun > 0) == (capacity < 200));
    }
}

TEST_CASE("a late sample enters the next reading") {
    chart c{"c", {"d"}, value_kind::floating, {}};
    stored<sum>::cursor cursor;
    std::vector<std::pair<unix_seconds, double>> lines;
    const auto read = [&](unix_seconds now) {
        stored<sum>::read(c, cursor, now, [&](std::size_t, std::size_t, unix_seconds at, double v) {
            lines.emplace_back(at, v);
        });
    };
    REQUIRE(c.record(9, {1.0}));
    read(10);
    REQUIRE(c.record(10, {2.0}));  // of the second that the first line is stamped with
    REQUIRE(c.record(11, {4.0}));
    read(20);
    read(30);
    REQUIRE(lines == std::vector<std::pair<unix_seconds, double>>{{10, 1}, {20, 6}});
}

TEST_CASE("a chart slower than the export is sent once a sample") {
    chart c{"c", {"d"}, value_kind::floating, {.update_every = seconds{60}}};
    stored<average>::cursor cursor;
    int lines = 0;
    for (unix_seconds now = 1000; now < 1600; now += 10) {
        if (now % 60 == 0) {
            REQUIRE(c.record(now, {1.0}));
        }
        stored<average>::read(c, cursor, now,
                              [&](std::size_t, std::size_t, unix_seconds, double) { ++lines; });
    }
    REQUIRE(lines == 10);
}
