// SPDX-License-Identifier: BSL-1.0
#include <backends/source/data_source.hpp>

#include <backends/cell/packed_cell.hpp>
#include <backends/source/as_collected.hpp>
#include <backends/source/average.hpp>
#include <backends/source/fused.hpp>
#include <backends/source/maximum.hpp>
#include <backends/source/stored.hpp>
#include <backends/storage/locked.hpp>
#include <backends/testing/data_source_archetype.hpp>
#include <backends/testing/data_source_laws.hpp>

#include "catch.hpp"

#include <random>

using namespace backends;

namespace {
template <class Source, class Chart>
void check() {
    Chart chart{"c", {"a", "b", "c"}, value_kind::floating, {}};
    using laws = testing::data_source_laws<Source>;
    REQUIRE(laws::broken(chart, 0) == "");
    std::mt19937_64 random{1};
    for (unix_seconds at = 1; at < 40; ++at) {
        for (std::size_t i = 0; i < 2; ++i) {
            if (random() % 3 != 0) {
                chart.set(i, static_cast<double>(random() % 1000));
            }
        }
        REQUIRE(chart.commit(at));
        REQUIRE(laws::broken(chart, at) == "");
    }
}
}  // namespace

TEMPLATE_TEST_CASE("data sources obey their laws", "", as_collected, stored<average>,
                   (stored<fused<average, maximum>>), testing::data_source_archetype) {
    check<TestType, chart>();
    check<TestType, basic_chart<packed_cell, 5, locked>>();
    check<TestType, basic_chart<double_cell, 1>>();
}
