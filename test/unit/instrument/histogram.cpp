// SPDX-License-Identifier: BSL-1.0
#include <backends/instrument/histogram.hpp>

#include <backends/instrument/shared_cells.hpp>

#include "catch.hpp"

#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <thread>
#include <vector>

using backends::histogram;
using namespace std::chrono_literals;

TEST_CASE("a value is in one bucket, beside the sum and the extremes") {
    histogram<> h;
    for (const double v : {1.5, 2.0, 3.0, 1024.0}) {
        h.record(v);
    }
    const auto all = h.snapshot();
    REQUIRE(all.count() == 4);
    REQUIRE(all.sum == 1030.5);
    REQUIRE(all.least == 1.5);
    REQUIRE(all.greatest == 1024);
    REQUIRE(all.in_bucket[4] == 1);  // (2^(4/8), 2^(5/8)]
    REQUIRE(all.in_bucket[7] == 1);  // up to 2, which it holds
    REQUIRE(all.in_bucket[12] == 1);
    REQUIRE(all.in_bucket[79] == 1);
    REQUIRE(all.lower_bound(0) == 1);
    REQUIRE(all.upper_bound(7) == 2);
}

TEST_CASE("what is outside of the buckets is counted apart") {
    histogram<double, 3, 16, 0> h;  // (1, 4]
    for (const double v : {0.0, -5.0, 1.0, -std::numeric_limits<double>::infinity(), 1e-310}) {
        h.record(v);
    }
    h.record(4);
    h.record(std::nextafter(4.0, 5.0));
    h.record(std::numeric_limits<double>::infinity());
    h.record(std::nan(""));
    const auto all = h.snapshot();
    REQUIRE(all.below == 5);
    REQUIRE(all.in_bucket[15] == 1);
    REQUIRE(all.above == 2);
    REQUIRE(all.not_a_number == 1);
    REQUIRE(all.count() == 8);
    REQUIRE(all.least == -std::numeric_limits<double>::infinity());
    REQUIRE(all.greatest == std::numeric_limits<double>::infinity());
}

TEST_CASE("an empty histogram has no extremes") {
    const histogram<int> h;
    REQUIRE(h.snapshot().count() == 0);
    REQUIRE(std::isnan(h.snapshot().least));
    REQUIRE(std::isnan(h.snapshot().greatest));
}

TEST_CASE("integers of 64 bits are in their bucket though a double has not all of their digits") {
    histogram<std::uint64_t, 3, 80, 54> h;
    constexpr auto boundary = std::uint64_t{1} << 55U;
    h.record(boundary);
    h.record(boundary + 1);
    REQUIRE(h.snapshot().in_bucket[7] == 1);
    REQUIRE(h.snapshot().in_bucket[8] == 1);
    REQUIRE(h.snapshot().sum == 2 * boundary + 1);
    histogram<std::int64_t> sign;
    sign.record(-7);
    REQUIRE(sign.snapshot().below == 1);
    REQUIRE(sign.snapshot().sum == -7);
}

TEST_CASE("durations of any unit are in buckets of the histogram's, and exact in the sum") {
    histogram<std::chrono::microseconds> latency;
    latency.record(8us);
    latency.record(8001ns);
    latency.record(1ms);
    const auto all = latency.snapshot();
    REQUIRE(all.in_bucket[23] == 1);  // (7.3, 8]
    REQUIRE(all.in_bucket[24] == 1);
    REQUIRE(all.sum == 1'016'001);
    REQUIRE(all.greatest == 1000);
    // Each power of two of microseconds is the last of its octave.
    histogram<std::chrono::microseconds> powers;
    for (int n = 1; n <= 20; ++n) {
        powers.record(std::chrono::microseconds{std::int64_t{1} << n});
    }
    for (std::size_t i = 0; i < 160; ++i) {
        REQUIRE(powers.snapshot().in_bucket[i] == (i % 8 == 7 ? 1 : 0));
    }
}

TEST_CASE("a timing records how long it lives") {
    histogram<std::chrono::nanoseconds, 3, 240> latency;
    {
        const auto timing = latency.time();
        REQUIRE(latency.snapshot().count() == 0);
    }
    REQUIRE(latency.snapshot().count() == 1);
    REQUIRE(latency.snapshot().sum >= 0);
}

TEMPLATE_TEST_CASE("what threads record at once is all there", "", backends::thread_cells,
                   backends::shared_cells) {
    histogram<int, 3, 160, 0, TestType> h;
    constexpr int values = 5000;
    std::vector<std::thread> all;
    for (int t = 0; t < 4; ++t) {
        all.emplace_back([&] {
            auto mine = h.writer();
            for (int n = 1; n <= values; ++n) {
                if (n % 2 == 0) {
                    h.record(n);
                } else {
                    mine.record(n);
                }
            }
        });
    }
    for (std::thread& one : all) {
        one.join();
    }
    const auto counted = h.snapshot();
    REQUIRE(counted.count() == 4 * values);
    REQUIRE(counted.sum == std::int64_t{4} * values * (values + 1) / 2);
    REQUIRE(counted.least == 1);
    REQUIRE(counted.greatest == values);
    REQUIRE(counted.below == 4);
}

TEST_CASE("the difference of two readings is what was recorded between them") {
    histogram<> h;
    h.record(1.2);
    h.record(900);
    const auto before = h.snapshot();
    REQUIRE(before.since(before).count() == 0);
    REQUIRE(std::isnan(before.since(before).greatest));
    h.record(10);
    h.record(11);
    const auto window = h.snapshot().since(before);
    REQUIRE(window.count() == 2);
    REQUIRE(window.sum == 21);
    REQUIRE(window.least <= 10);
    REQUIRE(window.least > 10 / 1.0906);
    REQUIRE(window.greatest >= 11);
    REQUIRE(window.greatest < 11 * 1.0906);
    h.record(0.5);
    h.record(2e6);
    const auto outside = h.snapshot().since(before);
    REQUIRE(outside.least == 0.5);
    REQUIRE(outside.greatest == 2e6);
}

TEST_CASE("recording in a histogram throws nothing") {
    histogram<std::chrono::microseconds> h;
    const auto one = 1us;
    STATIC_REQUIRE(noexcept(h.record(one)));
    STATIC_REQUIRE(noexcept(h.time()));
    STATIC_REQUIRE(noexcept(h.writer().record(one)));
}
