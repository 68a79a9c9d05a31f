// SPDX-License-Identifier: BSL-1.0
#include <backends/instrument/peak.hpp>

#include "catch.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <thread>
#include <vector>

using backends::least;
using backends::peak;
using backends::sampled;

TEST_CASE("a slot has its extremes, and the next one begins without") {
    peak<> high;
    least<> low;
    REQUIRE(!high.sample().exists);
    REQUIRE(!low.sample().exists);
    for (const double v : {-3.5, 2.0, -7.0}) {
        high.record(v);
        low.record(v);
    }
    REQUIRE(high.sample() == sampled<double>{2.0, true});
    REQUIRE(low.sample() == sampled<double>{-7.0, true});
    REQUIRE(!high.sample().exists);
    REQUIRE(!low.sample().exists);
    high.record(-4);
    low.record(4);
    REQUIRE(high.sample() == sampled<double>{-4, true});
    REQUIRE(low.sample() == sampled<double>{4, true});
}

TEMPLATE_TEST_CASE("extremes are in the order of the numbers", "", bool, std::int8_t, std::uint8_t,
                   std::int32_t, std::uint32_t, std::int64_t, std::uint64_t, float, double) {
    using limits = std::numeric_limits<TestType>;
    std::vector<TestType> all{limits::lowest(), TestType{0}, TestType{1}, limits::max()};
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    constexpr bool keeps_no_least = std::is_same_v<TestType, std::int64_t>;
    constexpr bool keeps_no_greatest = std::is_integral_v<TestType> && sizeof(TestType) == 8;
    for (const TestType a : all) {
        for (const TestType b : all) {
            peak<TestType> high;
            least<TestType> low;
            for (const TestType v : {a, b}) {
                high.record(v);
                low.record(v);
            }
            auto greatest = std::max(a, b);
            if (keeps_no_least && greatest == limits::lowest()) {
                greatest = static_cast<TestType>(greatest + 1);
            }
            if (!limits::is_signed && keeps_no_greatest && greatest == limits::max()) {
                greatest = static_cast<TestType>(greatest - 1);
            }
            auto smallest = std::min(a, b);
            if (keeps_no_greatest && smallest == limits::max()) {
                smallest = static_cast<TestType>(smallest - 1);
            }
            REQUIRE(high.sample() == sampled<TestType>{greatest, true});
            REQUIRE(low.sample() == sampled<TestType>{smallest, true});
        }
    }
}

TEST_CASE("a NaN shows in either extreme") {
    for (const double other : {-1.0, 1.0}) {
        peak<> high;
        least<> low;
        high.record(std::nan(""));
        high.record(other);
        low.record(other);
        low.record(-std::nan(""));
        REQUIRE(std::isnan(high.sample().value));
        REQUIRE(std::isnan(low.sample().value));
    }
}

TEST_CASE("what was not stored is in the next sample") {
    peak<int> high;
    high.record(7);
    const auto refused = high.sample();
    high.record(3);
    high.take_back(refused);
    REQUIRE(high.sample() == sampled<int>{7, true});
    high.take_back({});
    REQUIRE(!high.sample().exists);
}

TEST_CASE("no value is lost between two samples") {
    // Each thread's values grow, so that whatever it records is the newest peak of its own; the
    // last of all samples has to be the last value of some thread.
    constexpr int values = 20'000;
    peak<int> high;
    std::uint32_t running = 2;
    std::vector<std::thread> all;
    for (int t = 0; t < 2; ++t) {
        all.emplace_back([&, t] {
            for (int n = 1; n <= values; ++n) {
                high.record(2 * n + t);
            }
            __atomic_fetch_sub(&running, 1U, __ATOMIC_RELEASE);
        });
    }
    int greatest = 0;
    for (bool is_last = false; !is_last;) {
        is_last = __atomic_load_n(&running, __ATOMIC_ACQUIRE) == 0;
        if (const auto now = high.sample(); now.exists) {
            greatest = std::max(greatest, now.value);
        }
    }
    for (std::thread& one : all) {
        one.join();
    }
    REQUIRE(greatest == 2 * values + 1);
    REQUIRE(!high.sample().exists);
}

TEST_CASE("an event is in the sample behind it, and in one alone") {
    peak<int> high;
    constexpr int events = 200;
    int recorded = 0;
    int sampled_last = 0;
    std::thread recorder{[&] {
        for (int n = 1; n <= events; ++n) {
            high.record(n);
            __atomic_store_n(&recorded, n, __ATOMIC_RELEASE);
            while (__atomic_load_n(&sampled_last, __ATOMIC_ACQUIRE) < n) {
                std::this_thread::yield();
            }
        }
    }};
    int lost = 0;
    int twice = 0;
    for (int seen = 0; seen != events;) {
        const int before = __atomic_load_n(&recorded, __ATOMIC_ACQUIRE);
        if (const auto now = high.sample(); now.exists) {
            twice += now.value <= seen ? 1 : 0;
            seen = std::max(seen, now.value);
        } else {
            std::this_thread::yield();
        }
        lost += seen < before ? 1 : 0;
        seen = std::max(seen, before);
        __atomic_store_n(&sampled_last, seen, __ATOMIC_RELEASE);
    }
    recorder.join();
    REQUIRE(lost == 0);
    REQUIRE(twice == 0);
    STATIC_REQUIRE(backends::instrument<peak<>>);
}
