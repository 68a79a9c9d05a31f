// SPDX-License-Identifier: BSL-1.0
#include <backends/source/reduction.hpp>

#include <backends/cell/float_cell.hpp>
#include <backends/cell/packed_cell.hpp>
#include <backends/source/average.hpp>
#include <backends/source/count.hpp>
#include <backends/source/last.hpp>
#include <backends/source/maximum.hpp>
#include <backends/source/minimum.hpp>
#include <backends/source/sum.hpp>
#include <backends/source/total_over_time.hpp>
#include <backends/testing/reduction_archetype.hpp>
#include <backends/testing/reduction_laws.hpp>

#include "catch.hpp"
#include "own_reduction.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

using namespace backends;

namespace {

/// Samples, newest first.
template <class Cell>
std::vector<typename Cell::word> samples(std::mt19937_64& random, std::size_t n) {
    std::uniform_real_distribution<double> exponent{-7, 15};
    std::vector<typename Cell::word> words(n);
    for (auto& word : words) {
        const double sign = random() % 2 == 0 ? 1 : -1;
        word = Cell::store(sign * std::pow(10.0, exponent(random)), false).word;
    }
    return words;
}

template <class Reduction, class Cell>
auto reduced(const std::vector<typename Cell::word>& words) {
    reduction_state<Reduction, Cell> state{};
    for (const auto word : words) {
        Reduction::add(state, Cell::load(word));
    }
    return detail::result_of<Reduction>(state, words.size(), seconds{10});
}

}  // namespace

TEMPLATE_TEST_CASE("reductions obey their laws over every cell", "", average, sum, total_over_time,
                   minimum, maximum, last, count, range, testing::reduction_archetype) {
    std::mt19937_64 random{1};
    for (std::size_t n = 1; n <= 300; ++n) {
        REQUIRE(testing::reduction_laws<TestType, double_cell>::broken(
                    samples<double_cell>(random, n % 70 + 1)) == "");
        REQUIRE(testing::reduction_laws<TestType, float_cell>::broken(
                    samples<float_cell>(random, n % 70 + 1)) == "");
        REQUIRE(testing::reduction_laws<TestType, packed_cell>::broken(
                    samples<packed_cell>(random, n % 70 + 1)) == "");
    }
}

TEST_CASE("doubles are added from the newest to the oldest") {
    const std::vector<double> newest_first{1e16, 1, -1e16, 3};
    REQUIRE(reduced<sum, double_cell>(newest_first) == ((1e16 + 1) + -1e16) + 3);
    REQUIRE(reduced<average, double_cell>(newest_first) == 3.0 / 4);
}

TEST_CASE("reductions over packed cells are exact decimals") {
    std::mt19937_64 random{2};
    for (int run = 0; run < 200; ++run) {
        const auto words = samples<packed_cell>(random, 1 + static_cast<std::size_t>(run));
        std::vector<decimal> exact;
        decimal all;
        for (const auto word : words) {
            exact.push_back({packed_cell::load(word).units()});
            all = all + exact.back();
        }
        REQUIRE(reduced<sum, packed_cell>(words) == all);
        REQUIRE(reduced<average, packed_cell>(words) == all / exact.size());
        REQUIRE(reduced<total_over_time, packed_cell>(words) == decimal{10 * all.units});
        REQUIRE(reduced<minimum, packed_cell>(words) ==
                *std::min_element(exact.begin(), exact.end()));
        REQUIRE(reduced<maximum, packed_cell>(words) ==
                *std::max_element(exact.begin(), exact.end()));
        REQUIRE(reduced<last, packed_cell>(words) == exact.front());
        REQUIRE(reduced<count, packed_cell>(words) == exact.size());
    }
}

TEST_CASE("the smallest and the largest of doubles, and the newest") {
    const std::vector<double> newest_first{2, -7.5, 9, 0};
    REQUIRE(reduced<minimum, double_cell>(newest_first) == -7.5);
    REQUIRE(reduced<maximum, double_cell>(newest_first) == 9);
    REQUIRE(reduced<last, double_cell>(newest_first) == 2);
    REQUIRE(reduced<count, double_cell>(newest_first) == 4);
    REQUIRE(reduced<range, double_cell>(newest_first) == 16.5);
    REQUIRE(reduced<total_over_time, double_cell>(newest_first) == 35);
}

TEST_CASE("volume is another name of sum") { REQUIRE(std::is_same_v<volume, sum>); }
