// SPDX-License-Identifier: BSL-1.0
#include <backends/cell/float_cell.hpp>

#include <backends/testing/cell_laws.hpp>

#include "catch.hpp"

#include <bit>
#include <cfloat>
#include <cstdint>
#include <random>

using backends::float_cell;
using backends::store_outcome;
using laws = backends::testing::cell_laws<float_cell>;

TEST_CASE("a float cell obeys the laws of cells") {
    std::mt19937_64 random{1};
    std::uniform_real_distribution<double> exponent{-50, 50};
    for (int n = 0; n < 10'000; ++n) {
        const double a = std::pow(10.0, exponent(random)) * (n % 2 == 0 ? 1 : -1);
        REQUIRE(laws::broken(a, n % 3 == 0 ? -a : a * 1.5) == "");
    }
}

TEST_CASE("a float cell rounds to the nearest float") {
    REQUIRE(float_cell::load(float_cell::store(12.3).word) == static_cast<double>(12.3F));
}

TEST_CASE("a float cell keeps -0 as zero, and negative numbers that are not normal") {
    for (const float v : {-0.0F, -FLT_TRUE_MIN, -FLT_MIN / 2}) {
        const auto stored = float_cell::store(static_cast<double>(v));
        REQUIRE(float_cell::exists(stored.word));
        REQUIRE(std::bit_cast<std::uint32_t>(stored.word) == 0);
    }
    REQUIRE(std::bit_cast<std::uint32_t>(float_cell::store(-1e-300).word) == 0);
    for (const float v : {-FLT_MIN, FLT_MIN, FLT_TRUE_MIN}) {
        REQUIRE(float_cell::store(static_cast<double>(v)).word == v);
    }
}

TEST_CASE("a float cell saturates beyond the largest float and says so") {
    for (const double sign : {1.0, -1.0}) {
        const auto stored = float_cell::store(sign * 1e39);
        REQUIRE(stored.outcome == store_outcome::saturated);
        REQUIRE(float_cell::load(stored.word) == sign * static_cast<double>(FLT_MAX));
        REQUIRE(float_cell::store(sign * static_cast<double>(FLT_MAX)).outcome ==
                store_outcome::kept);
    }
}

TEST_CASE("a sum of floats is added up in double") {
    float_cell::sum sum;
    sum += float_cell::load(float_cell::store(16'777'216).word);
    sum += float_cell::load(float_cell::store(1).word);
    REQUIRE(sum.total() == 16'777'217);
}
