// SPDX-License-Identifier: BSL-1.0
#include <backends/core/time.hpp>

#include "catch.hpp"

#include <chrono>
#include <type_traits>

using namespace std::chrono_literals;
using backends::instant;
using backends::milliseconds;
using backends::nanoseconds;
using backends::seconds;

static_assert(seconds{5s}.value == 5);
static_assert(seconds{2min}.value == 120);
static_assert(std::is_convertible_v<std::chrono::seconds, seconds>);
static_assert(nanoseconds{250ms}.value == 250'000'000);
static_assert(nanoseconds{seconds{3}} == nanoseconds{3s});
static_assert(nanoseconds{3us} + nanoseconds{4ns} == nanoseconds{3004});
static_assert(!std::is_convertible_v<std::int64_t, seconds>, "a bare number has no unit");

TEST_CASE("a deadline beyond the end of time is never") {
    CHECK(instant{5} + nanoseconds{instant::never().ns} == instant::never());
    CHECK(instant::never() + milliseconds(1) == instant::never());
    CHECK(instant{5} + nanoseconds{-2} == instant{3});
}

TEST_CASE("the time between two instants has a sign") {
    CHECK(instant{7} - instant{10} == nanoseconds{-3});
}
