// SPDX-License-Identifier: BSL-1.0
#include <backends/hardware/value_array.hpp>

#include "catch.hpp"

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

using backends::decimal;
using backends::int128;
using backends::value_array;
using backends::detail::f64x2;

TEST_CASE("a value array gives back the decimals that it was given, whatever their size") {
    constexpr std::size_t most = 4;
    std::vector<int128> units{0, 1, INT64_MAX, INT64_MIN, int128{INT64_MAX} + 1, int128{1} << 100};
    for (int bit = 50; bit <= 54; ++bit) {
        for (int off = -1; off <= 1; ++off) {
            units.push_back((int128{1} << bit) + off);
        }
    }
    std::mt19937_64 random{5};
    for (int i = 0; i < 10'000; ++i) {
        units.push_back((static_cast<int128>(random()) << 63 | random()) >> (random() % 127));
    }
    value_array<decimal, most> values;
    for (std::size_t i = 0; i < units.size(); ++i) {
        values.set(i % most, {units[i]});
        REQUIRE(values[i % most] == decimal{units[i]});
        values.set(i % most, {-units[i]});
        REQUIRE(values[i % most] == decimal{-units[i]});
    }
}

TEST_CASE("two decimals at once are those whose units they are") {
    value_array<decimal, 4> values;
    values.set(2, {int128{1} << 90});
    values.set_pair(2, {f64x2{9.0, -4'503'599'627'370'495.0}});
    CHECK(values[2] == decimal{9});
    CHECK(values[3] == decimal{-4'503'599'627'370'495});
    CHECK(values.units()[2] == 9.0);
}

TEST_CASE("the units of decimals that no double holds say so") {
    value_array<decimal, 4> values;
    values.set(0, {(int128{1} << 52) + 1});
    values.set(1, {-(int128{1} << 70)});
    CHECK(values.units()[0] == 0x1p52);
    CHECK(values.units()[1] == -0x1p52);
}

TEST_CASE("two doubles at once lie side by side") {
    value_array<double, 4> values;
    values.set(0, 1.0);
    values.set(3, 4.0);
    values.set_pair(1, f64x2{2.0, 3.0});
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK(values[i] == static_cast<double>(i + 1));
        CHECK(values.data()[i] == values[i]);
    }
}
