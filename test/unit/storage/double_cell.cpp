// SPDX-License-Identifier: BSL-1.0
#include <backends/storage/double_cell.hpp>

#include <backends/testing/cell_laws.hpp>

#include "catch.hpp"

#include <cfloat>
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
    for (const double v : {0.1, 1e300, DBL_TRUE_MIN, -3.25}) {
        REQUIRE(double_cell::load(double_cell::store(v).word) == v);
        REQUIRE(double_cell::store(v).outcome == backends::store_outcome::kept);
    }
}
