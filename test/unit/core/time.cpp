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

// What would lose something is refused, however it is spelled.
using fractions = std::chrono::duration<double>;
using float_minutes = std::chrono::duration<float, std::ratio<60>>;
using picoseconds = std::chrono::duration<std::int64_t, std::pico>;
using ticks_of_1024 = std::chrono::duration<std::int64_t, std::ratio<1, 1024>>;
using thirds = std::chrono::duration<std::int64_t, std::ratio<1, 3>>;
template <class To, class From>
constexpr bool is_refused = !std::is_convertible_v<From, To> && !std::is_constructible_v<To, From>;
static_assert(is_refused<seconds, fractions> && is_refused<nanoseconds, fractions>);
static_assert(is_refused<seconds, float_minutes> && is_refused<nanoseconds, float_minutes>);
static_assert(!std::is_convertible_v<picoseconds, nanoseconds>);
static_assert(!std::is_convertible_v<ticks_of_1024, nanoseconds>);
static_assert(!std::is_convertible_v<thirds, nanoseconds>);
static_assert(nanoseconds{std::chrono::duration<std::int64_t, std::ratio<1, 100>>{3}} == 30ms);

// What is too large is the largest.
constexpr std::int64_t most = INT64_MAX;
constexpr std::int64_t least = INT64_MIN;
static_assert(seconds{std::chrono::seconds::max()}.value == most);
static_assert(seconds{std::chrono::hours::max()}.value == most);
static_assert(seconds{std::chrono::hours::min()}.value == least);
static_assert(seconds{std::chrono::duration<std::uint64_t>{UINT64_MAX}}.value == most);
static_assert(nanoseconds{std::chrono::hours::max()}.value == most);
static_assert(nanoseconds{std::chrono::seconds::max()}.value == most);
static_assert(nanoseconds{std::chrono::seconds::min()}.value == least);
static_assert(nanoseconds{std::chrono::nanoseconds::max()}.value == most);
static_assert(nanoseconds{std::chrono::nanoseconds::min()}.value == least);
static_assert(nanoseconds{seconds{most}}.value == most);
static_assert(nanoseconds{seconds{least}}.value == least);
static_assert(nanoseconds{std::chrono::years{293}}.value == most);
static_assert(milliseconds(most).value == most && milliseconds(least).value == least);
static_assert((nanoseconds{most} + nanoseconds{1}).value == most);
static_assert((nanoseconds{least} - nanoseconds{1}).value == least);
static_assert((nanoseconds{most} * -2).value == least && (nanoseconds{least} * -1).value == most);
static_assert(instant::never() - instant{-5} == nanoseconds{most});
static_assert(instant{least} - instant{5} == nanoseconds{least});
static_assert(instant{least} + nanoseconds{-5} == instant{least});

TEST_CASE("a deadline beyond the end of time is never") {
    CHECK(instant{5} + nanoseconds{instant::never().ns} == instant::never());
    CHECK(instant::never() + milliseconds(1) == instant::never());
    CHECK(instant{5} + nanoseconds{-2} == instant{3});
}

TEST_CASE("the time between two instants has a sign") {
    CHECK(instant{7} - instant{10} == nanoseconds{-3});
}
