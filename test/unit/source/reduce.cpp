// SPDX-License-Identifier: BSL-1.0
#include <backends/source/reduce.hpp>

#include <backends/cell/float_cell.hpp>
#include <backends/cell/packed_cell.hpp>
#include <backends/source/average.hpp>
#include <backends/source/count.hpp>
#include <backends/source/last.hpp>
#include <backends/source/maximum.hpp>
#include <backends/source/minimum.hpp>
#include <backends/source/sum.hpp>
#include <backends/source/total_over_time.hpp>
#include <backends/storage/chart.hpp>
#include <backends/storage/locked.hpp>

#include "catch.hpp"
#include "naive_chart.hpp"
#include "own_reduction.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <random>
#include <vector>

using namespace backends;

namespace {

constexpr std::size_t capacity = 12;
constexpr std::int64_t every = 5;

/// Records, also across jumps and set clocks, and calls check(chart, model, at) after each row.
template <class Cell, class Recording, class Check>
void record_at_random(unsigned seed, Check check) {
    std::mt19937_64 random{seed};
    basic_chart<Cell, capacity, Recording> chart{
        "c", {"a", "b", "c"}, value_kind::floating, {.update_every = seconds{every}}};
    naive_chart<Cell> model{capacity, every};
    unix_seconds at = 1'000;
    for (int n = 0; n < 150; ++n) {
        std::array<double, 3> row;
        typename naive_chart<Cell>::words words;
        for (double& v : row) {
            v = random() % 4 == 0 ? std::numeric_limits<double>::quiet_NaN()
                                  : static_cast<double>(random() % 10'000) / 16 - 300;
            words.push_back(Cell::store(v, false).word);
        }
        REQUIRE(chart.record(at, row));
        model.add(at, words);
        check(chart, model, at, random);
        const auto slots = static_cast<std::int64_t>(random() % (2 * capacity));
        at += random() % 12 != 0  ? every
              : random() % 3 == 0 ? -every * (slots + 5)
                                  : every * slots + every;
    }
}

template <class Cell>
std::vector<double> loaded(const std::vector<typename Cell::word>& words) {
    std::vector<double> values;
    for (const auto word : words) {
        values.push_back(Cell::load(word));
    }
    return values;
}

}  // namespace

TEMPLATE_TEST_CASE("a reduction of a window is that of the samples in it", "", double_cell,
                   float_cell, packed_cell) {
    for (unsigned seed = 1; seed <= 40; ++seed) {
        record_at_random<TestType, wait_free>(seed, [](const auto& chart, const auto& model,
                                                       unix_seconds at, auto& random) {
            const auto any_time = [&] {
                return at + every - static_cast<std::int64_t>(random() % (2 * capacity * every));
            };
            const unix_seconds after = random() % 7 == 0 ? INT64_MIN : any_time();
            const unix_seconds before = random() % 7 == 0 ? INT64_MAX : any_time();
            for (std::size_t d = 0; d < chart.width(); ++d) {
                const std::vector<double> all = loaded<TestType>(model.window(d, after, before));
                const auto n = static_cast<double>(all.size());
                std::vector<double> seen;
                bool are_inside = true;
                const auto n_seen =
                    chart.samples(d, after, before, [&](unix_seconds time, double v) {
                        are_inside = are_inside && time > after && time <= before;
                        seen.push_back(v);
                    });
                REQUIRE(are_inside);
                REQUIRE(n_seen == all.size());
                REQUIRE(seen == all);
                if (all.empty()) {
                    REQUIRE_FALSE(reduce<average>(chart, d, after, before));
                    REQUIRE_FALSE(reduce<count>(chart, d, after, before));
                    continue;
                }
                double total = 0;
                for (const double v : all) {
                    total += v;
                }
                const auto close = [](std::optional<double> v, double to) {
                    return v && std::abs(*v - to) <= 1e-6;
                };
                REQUIRE(close(reduce<sum>(chart, d, after, before), total));
                REQUIRE(close(reduce<average>(chart, d, after, before), total / n));
                REQUIRE(close(reduce<total_over_time>(chart, d, after, before), total * every));
                REQUIRE(reduce<last>(chart, d, after, before) == all.front());
                REQUIRE(reduce<minimum>(chart, d, after, before) ==
                        *std::min_element(all.begin(), all.end()));
                REQUIRE(reduce<maximum>(chart, d, after, before) ==
                        *std::max_element(all.begin(), all.end()));
                REQUIRE(reduce<count>(chart, d, after, before) == n);
                REQUIRE(close(reduce<range>(chart, d, after, before),
                              *std::max_element(all.begin(), all.end()) -
                                  *std::min_element(all.begin(), all.end())));
            }
        });
    }
}

TEST_CASE("a chart that locks is free again after a reduction") {
    basic_chart<double_cell, 10, locked> c{"c", {"d"}, value_kind::floating, {}};
    REQUIRE_FALSE(reduce<average>(c, 0, INT64_MIN, INT64_MAX));
    REQUIRE(c.record(1, {1.0}));
    REQUIRE(c.record(2, {2.0}));
    REQUIRE(reduce<average>(c, 0, 0, 2) == 1.5);
    REQUIRE(reduce<average>(c, 0, 1, 2) == 2.0);
    REQUIRE(c.record(3, {3.0}));
}
