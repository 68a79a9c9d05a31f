// SPDX-License-Identifier: BSL-1.0
#include <backends/instrument/gauge.hpp>

#include "catch.hpp"

#include <cstdint>
#include <limits>
#include <thread>

using backends::sampled;

TEST_CASE("a gauge that was never set has no value") {
    const backends::gauge<int> never;
    REQUIRE(!never.sample().exists);
}

TEST_CASE("a gauge keeps the last value, any value of its type") {
    backends::gauge<std::int64_t> level;
    for (const std::int64_t v : {std::int64_t{0}, std::numeric_limits<std::int64_t>::min(),
                                 std::numeric_limits<std::int64_t>::max(), std::int64_t{-1}}) {
        level.set(v);
        REQUIRE(level.sample() == sampled<std::int64_t>{v, true});
        REQUIRE(level.sample() == sampled<std::int64_t>{v, true});  // and goes on having it
    }
    backends::gauge<bool> is_ready;
    is_ready.set(true);
    REQUIRE(is_ready.value().value);
}

TEST_CASE("a gauge that has a value has one that was set") {
    backends::gauge<> level;
    std::thread setter{[&] {
        for (int n = 1; n <= 10'000; ++n) {
            level.set(n);
        }
    }};
    bool is_right = true;
    for (double seen = 0; seen < 10'000;) {
        const sampled<double> now = level.sample();
        is_right = is_right && (!now.exists || (now.value >= 1 && now.value >= seen));
        seen = now.exists ? now.value : seen;
    }
    setter.join();
    REQUIRE(is_right);
    STATIC_REQUIRE(noexcept(level.set(1)));
    STATIC_REQUIRE(sizeof level == 64);
}
