// SPDX-License-Identifier: BSL-1.0
#include <backends/cell/double_cell.hpp>

#include <backends/testing/cell_laws.hpp>

#include "catch.hpp"

#include <bit>
#include <cfloat>
#include <cmath>
#include <cstdint>
#include <random>

using backends::double_cell;
using laws = backends::testing::cell_laws<double_cell>;

TEST_CASE("a double cell obeys the laws of cells") {
    std::mt19937_64 random{1};
    std::uniform_real_distribution<double> exponent{-300, 300};
    for (int n = 0; n < 10'000; ++n) {
        const double a = std::pow(10.0, exponent(random)) * (n % 2 == 0 ? 1 : -1);
        const double b = n % 3 == 0 ? -a : a * 1.5;
        REQUIRE(laws::broken(a, b) == "");
    }
    for (const double v : {0.0, -0.0, DBL_MAX, -DBL_MAX, DBL_MIN, DBL_TRUE_MIN}) {
        REQUIRE(laws::broken(v, 1) == "");
    }
}

TEST_CASE("a double cell keeps every bit of the value") {
    for (const double v : {0.1, 1e300, 0.0, DBL_MIN, DBL_TRUE_MIN, -3.25, -DBL_MIN}) {
        REQUIRE(double_cell::load(double_cell::store(v).word) == v);
        REQUIRE(double_cell::store(v).outcome == backends::store_outcome::kept);
    }
}

TEST_CASE("what has the upper half of the gap's bits is kept as zero") {
    const double farthest = std::bit_cast<double>(0x8000'0000'ffff'ffffU);
    for (const double v : {-0.0, -DBL_TRUE_MIN, farthest}) {
        const auto stored = double_cell::store(v);
        REQUIRE(double_cell::exists(stored.word));
        REQUIRE(std::bit_cast<std::uint64_t>(stored.word) == 0);
        REQUIRE(stored.outcome == backends::store_outcome::kept);
    }
    const double next = std::nextafter(farthest, -1.0);
    REQUIRE(double_cell::store(next).word == next);
}

TEST_CASE("the gap changes no sum") {
    for (const double v : {0.0, 1.5, -1.5, DBL_TRUE_MIN, DBL_MAX, -DBL_MAX}) {
        REQUIRE(std::bit_cast<std::uint64_t>(v + double_cell::gap) ==
                std::bit_cast<std::uint64_t>(v));
    }
}
