// SPDX-License-Identifier: BSL-1.0
#include <backends/storage/collected.hpp>

#include <backends/storage/unsynchronized.hpp>

#include "catch.hpp"

#include <cstdint>
#include <limits>

using backends::kind_of;
using backends::value_kind;
using backends::detail::saturated;
using backends::detail::to_bits;

TEST_CASE("a collected value keeps its kind") {
    REQUIRE(kind_of<double> == value_kind::floating);
    REQUIRE(kind_of<float> == value_kind::floating);
    REQUIRE(kind_of<long> == value_kind::integer);
    REQUIRE(kind_of<std::uint8_t> == value_kind::unsigned_integer);
    REQUIRE(kind_of<bool> == value_kind::unsigned_integer);

    backends::collected_value v{value_kind::integer, to_bits(INT64_MIN, value_kind::integer)};
    v.visit([](auto x) {
        if constexpr (std::is_same_v<decltype(x), std::int64_t>) {
            REQUIRE(x == INT64_MIN);
        } else {
            FAIL("not an int64");
        }
    });
}

TEST_CASE("a value of another kind saturates") {
    REQUIRE(saturated<std::int64_t>(1e300) == INT64_MAX);
    REQUIRE(saturated<std::int64_t>(-1e300) == INT64_MIN);
    REQUIRE(saturated<std::int64_t>(9223372036854775808.0) == INT64_MAX);
    REQUIRE(saturated<std::int64_t>(9223372036854774784.0) == 9223372036854774784);
    REQUIRE(saturated<std::int64_t>(-9223372036854775808.0) == INT64_MIN);
    REQUIRE(saturated<std::int64_t>(UINT64_MAX) == INT64_MAX);
    REQUIRE(saturated<std::int64_t>(-2.9) == -2);
    REQUIRE(saturated<std::uint64_t>(-1) == 0);
    REQUIRE(saturated<std::uint64_t>(-0.5) == 0);
    REQUIRE(saturated<std::uint64_t>(18446744073709551616.0) == UINT64_MAX);
    REQUIRE(saturated<std::uint64_t>(1e19) == 10'000'000'000'000'000'000U);
}

/// When that was, as long as no clock is set.
static backends::unix_seconds time_of(const backends::detail::copied_run& run) {
    return run.row.at - run.age;
}

TEST_CASE("a reader's copy is good while at most one record is completed under its hands") {
    using last = backends::detail::last_collected<backends::unsynchronized>;
    last collected{2};
    std::uint64_t bits = 0;
    REQUIRE_FALSE(collected.read(1, 1, &bits).present());

    auto* row = collected.open();
    row[0] = 5;
    row[1] = 6;
    collected.stamp(0, 100);
    REQUIRE_FALSE(collected.read(1, 1, &bits).present());  // not yet published
    collected.publish();
    REQUIRE(time_of(collected.read(1, 1, &bits)) == 100);
    REQUIRE(bits == 6);

    constexpr std::uint8_t only_first[]{1, 0};
    row = collected.open();
    row[0] = 7;
    row[1] = 8;  // held, and taken back
    collected.stamp(0, 101, only_first);
    collected.publish();
    REQUIRE(collected.last()[0].at == 101);
    REQUIRE(collected.last()[0].bits == 7);
    REQUIRE(collected.last()[1].at == 100);
    REQUIRE(collected.last()[1].bits == 6);
}

TEST_CASE("a clock that is set back changes no age") {
    using last = backends::detail::last_collected<backends::unsynchronized>;
    constexpr std::uint8_t only_second[]{0, 1};
    last collected{2};
    std::uint64_t bits[2];
    collected.set_back(5);  // before there was anything
    collected.stamp(0, 1000);
    collected.publish();
    collected.set_back(900);
    REQUIRE(collected.last()[0].at == 100);
    collected.stamp(1, 101, only_second);
    REQUIRE(collected.read(0, 1, bits).row.at == 1000);
    collected.publish();
    REQUIRE(collected.last()[0].at == 100);
    REQUIRE(collected.last()[1].at == 101);
    REQUIRE(collected.read(0, 1, bits).age == 1);
    REQUIRE(collected.read(0, 1, bits).row.first == 1);
}

TEST_CASE("a dimension keeps its value and its time through rows without it") {
    using last = backends::detail::last_collected<backends::unsynchronized>;
    constexpr std::uint8_t only_second[]{0, 1};
    last collected{2};
    collected.open()[0] = 5;
    collected.open()[1] = 6;
    collected.stamp(0, -100);
    collected.publish();
    std::uint64_t bits[2];
    REQUIRE(collected.read(0, 2, bits).size == 2);
    REQUIRE(time_of(collected.read(0, 2, bits)) == -100);
    REQUIRE(bits[0] == 5);
    REQUIRE(bits[1] == 6);
    for (backends::unix_seconds at = -90; at < 90; at += 30) {
        collected.open()[1] = 7;
        collected.stamp(0, at, only_second);
        collected.publish();
        REQUIRE(collected.last()[0].at == -100);
        REQUIRE(collected.last()[0].bits == 5);
        REQUIRE(collected.last()[1].at == at);
        REQUIRE(collected.read(0, 2, bits).size == 1);
        REQUIRE(time_of(collected.read(0, 2, bits)) == -100);
        REQUIRE(time_of(collected.read(1, 1, bits)) == at);
    }
}

TEST_CASE("a value is forgotten when the newest row is 2^32 - 1 seconds later") {
    using last = backends::detail::last_collected<backends::unsynchronized>;
    constexpr std::uint8_t only_second[]{0, 1};
    constexpr backends::unix_seconds first = -(backends::unix_seconds{1} << 60);
    last collected{2};
    collected.stamp(0, first);
    collected.publish();
    collected.stamp(0, first + UINT32_MAX - 1, only_second);
    collected.publish();
    REQUIRE(collected.last()[0].at == first);
    collected.stamp(0, first + UINT32_MAX, only_second);
    collected.publish();
    REQUIRE(collected.last()[0].at == last::never);
    collected.stamp(0, -first, only_second);
    collected.publish();
    REQUIRE(collected.last()[0].at == last::never);
    REQUIRE(collected.last()[1].at == -first);
}
