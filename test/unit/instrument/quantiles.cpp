// SPDX-License-Identifier: BSL-1.0
#include <backends/instrument/quantiles.hpp>

#include <backends/instrument/histogram.hpp>

#include "catch.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

using backends::histogram;
using backends::quantiles;

namespace {

bool is_near(double a, double b) { return std::abs(a - b) < 1e-9; }

using five = quantiles<1, 50, 95, 99, 999>;

/// The greatest error of five quantiles of 10^6 values, as a share of the exact one, which is the
/// value of that rank.
template <int Scale, int Buckets, int Octave>
double greatest_error(const std::function<double()>& next) {
    histogram<double, Scale, Buckets, Octave> h;
    std::vector<double> all(1'000'000);
    for (double& v : all) {
        v = next();
        h.record(v);
    }
    std::sort(all.begin(), all.end());
    const auto found = five::of(h.snapshot());
    double greatest = 0;
    for (std::size_t i = 0; i < found.size(); ++i) {
        const double rank = std::ceil(five::values[i] * static_cast<double>(all.size()));
        const double exact = all[static_cast<std::size_t>(rank) - 1];
        greatest = std::max({greatest, found[i] / exact - 1, exact / found[i] - 1});
    }
    return greatest;
}

}  // namespace

TEST_CASE("quantiles of a million values of five distributions are within a bucket's width") {
    std::mt19937_64 random{7};
    const std::vector<std::pair<std::string, std::function<double()>>> distributions{
        {"uniform",
         [&, d = std::uniform_real_distribution<>{1, 1000}]() mutable { return d(random); }},
        {"exponential",
         [&, d = std::exponential_distribution<>{0.01}]() mutable { return 1.01 + d(random); }},
        {"log-normal",
         [&, d = std::lognormal_distribution<>{5, 1}]() mutable { return 1.01 + d(random); }},
        {"two modes",
         [&, d = std::normal_distribution<>{0, 1}]() mutable {
             return std::abs(d(random) + (random() % 10 == 0 ? 5000 : 100)) + 1.01;
         }},
        {"Pareto", [&, d = std::uniform_real_distribution<>{0, 1}]() mutable {
             return std::min(2 / std::pow(1 - d(random), 1 / 1.5), 1e6);
         }}};
    const double width = std::exp2(1.0 / 8) - 1;
    for (const auto& [name, next] : distributions) {
        INFO(name);
        const double error = greatest_error<3, 160, 0>(next);
        REQUIRE(error <= width);
        // Inside of a bucket's width it is interpolated: on smooth ones that is far better.
        if (name != "two modes") {
            REQUIRE(error < 0.012);
        }
    }
}

TEST_CASE("a finer scale has a smaller bound") {
    std::mt19937_64 random{9};
    std::normal_distribution<> normal{300, 2};
    REQUIRE(greatest_error<6, 640, 0>([&] { return normal(random); }) <= std::exp2(1.0 / 64) - 1);
}

TEST_CASE("quantiles of a window are of what was recorded in it") {
    //! [quantiles]
    backends::histogram<std::chrono::microseconds> latency;
    {
        const auto timing = latency.time();  // until the end of the block
    }
    const auto before = latency.snapshot();
    for (int n = 1; n <= 100; ++n) {
        latency.record(std::chrono::milliseconds{n});
    }
    const auto window = latency.snapshot().since(before);
    const auto [p50, p95, p99] = backends::quantiles<50, 95, 99>::of(window);  // microseconds
    //! [quantiles]
    REQUIRE(window.count() == 100);
    REQUIRE(std::abs(p50 / 50'000 - 1) < 0.0906);
    REQUIRE(std::abs(p95 / 95'000 - 1) < 0.0906);
    REQUIRE(std::abs(p99 / 99'000 - 1) < 0.0906);
}

TEST_CASE("one value is every quantile") {
    histogram<> h;
    h.record(42);
    for (const double q : quantiles<1, 50, 99>::of(h.snapshot())) {
        REQUIRE(q == 42);
    }
}

TEST_CASE("nothing has no quantile") {
    const histogram<> h;
    REQUIRE(std::isnan(quantiles<50>::of(h.snapshot())[0]));
}

TEST_CASE("the place in a bucket is exponential, as in a histogram of higher resolution") {
    histogram<double, 0, 20> h;  // buckets of whole octaves
    h.record(1.1);
    h.record(15.9);
    h.record(9);
    h.record(10);
    h.record(11);
    // Ranks 2.5 of 5; four of them in (8, 16], where 1.5 of 4 are passed.
    REQUIRE(is_near(quantiles<50>::of(h.snapshot())[0], 8 * std::exp2(1.5 / 4)));
}

TEST_CASE("outside of the buckets quantiles are between the last boundary and the extreme") {
    histogram<double, 3, 8> h;  // (1, 2]
    for (int n = 0; n < 10; ++n) {
        h.record(-1);
        h.record(12);
    }
    const auto [low, high] = quantiles<25, 75>::of(h.snapshot());
    REQUIRE(is_near(low, 0));   // halfway from -1 to 1
    REQUIRE(is_near(high, 7));  // halfway from 2 to 12
    h.record(std::numeric_limits<double>::infinity());
    REQUIRE(std::isinf(quantiles<99>::of(h.snapshot())[0]));
}

TEST_CASE("a quantile has percent or digits") {
    STATIC_REQUIRE(quantiles<5, 50, 99, 999, 9999>::values ==
                   std::array<double, 5>{0.05, 0.5, 0.99, 0.999, 0.9999});
}
