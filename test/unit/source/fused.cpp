// SPDX-License-Identifier: BSL-1.0
#include <backends/source/fused.hpp>

#include <backends/cell/packed_cell.hpp>
#include <backends/source/average.hpp>
#include <backends/source/count.hpp>
#include <backends/source/last.hpp>
#include <backends/source/maximum.hpp>
#include <backends/source/minimum.hpp>
#include <backends/source/stored.hpp>
#include <backends/source/sum.hpp>

#include "catch.hpp"

#include <random>
#include <string>
#include <vector>

using namespace backends;

namespace {
struct line {
    std::size_t dimension;
    std::size_t variant;
    double value;
    friend bool operator==(const line&, const line&) = default;
};

template <class Source, class Chart>
std::vector<line> lines(const Chart& chart) {
    std::vector<line> all;
    Source::read_window(chart, INT64_MIN, INT64_MAX,
                        [&](std::size_t d, std::size_t v, unix_seconds, auto value) {
                            all.push_back({d, v, static_cast<double>(value)});
                        });
    return all;
}
}  // namespace

TEMPLATE_TEST_CASE("a fused pack gives what its reductions give alone", "", double_cell,
                   packed_cell) {
    basic_chart<TestType, 30> chart{"c", {"a", "b", "c"}, value_kind::floating, {}};
    std::mt19937_64 random{1};
    for (unix_seconds at = 1; at < 50; ++at) {
        chart.set(0, static_cast<double>(random() % 100'000) / 1000);
        if (random() % 3 == 0) {
            chart.set(1, -static_cast<double>(random() % 1000));
        }
        REQUIRE(chart.commit(at));
    }
    using pack = stored<fused<average, sum, minimum, maximum, last, count>>;
    const auto together = lines<pack>(chart);
    REQUIRE(together.size() == 12);  // the third dimension has no samples
    const auto alone = {lines<stored<average>>(chart), lines<stored<sum>>(chart),
                        lines<stored<minimum>>(chart), lines<stored<maximum>>(chart),
                        lines<stored<last>>(chart),    lines<stored<count>>(chart)};
    std::size_t variant = 0;
    for (const auto& each : alone) {
        REQUIRE(each.size() == 2);
        for (std::size_t d = 0; d < 2; ++d) {
            REQUIRE(together[d * 6 + variant] == line{d, variant, each[d].value});
        }
        ++variant;
    }
}

TEST_CASE("a fused pack's lines are named after its reductions") {
    using pack = stored<fused<average, maximum>>;
    REQUIRE(pack::variants == 2);
    REQUIRE(pack::variant_name(0) == "average");
    REQUIRE(pack::variant_name(1) == "maximum");
    REQUIRE(stored<average>::variants == 1);
    REQUIRE(stored<average>::variant_name(0) == "");
    REQUIRE(stored<average>::name == std::string_view{"average"});
}
