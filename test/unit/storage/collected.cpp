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

TEST_CASE("a reader's copy is good while at most one record is completed under its hands") {
    using last = backends::detail::last_collected<backends::unsynchronized>;
    last collected{2};
    last::entry entry{};
    REQUIRE(collected.read(1, entry));
    REQUIRE(entry.at == last::never);

    auto* row = collected.open(100);
    row[0] = 5;
    row[1] = 6;
    REQUIRE(collected.read(1, entry));
    REQUIRE(entry.at == last::never);  // not yet published
    collected.publish();
    REQUIRE(collected.read(1, entry));
    REQUIRE(entry.at == 100);
    REQUIRE(entry.bits == 6);

    row = collected.open(101);
    row[0] = 7;
    collected.keep_old(101, {1, 0});
    collected.publish();
    REQUIRE(collected.last(0).at == 101);
    REQUIRE(collected.last(0).bits == 7);
    REQUIRE(collected.last(1).at == 100);
    REQUIRE(collected.last(1).bits == 6);
}
