// SPDX-License-Identifier: BSL-1.0
#include <backends/delivery/backoff.hpp>

#include <backends/testing/delivery_laws.hpp>

#include "catch.hpp"

#include <algorithm>
#include <cstdint>

namespace {

using namespace backends;

//! [own_backoff]
/// Always the shortest delay: for a receiver on the same machine, where nobody is in the way.
class constant_backoff {
public:
    constexpr constant_backoff(nanoseconds shortest, nanoseconds) noexcept : delay_{shortest} {}

    template <random_source Random>
    constexpr nanoseconds next(Random&) noexcept {
        return delay_;
    }
    constexpr void reset() noexcept {}

private:
    nanoseconds delay_;
};
static_assert(backoff_policy<constant_backoff>);
//! [own_backoff]

}  // namespace

TEST_CASE("full jitter keeps the laws of a back-off") {
    for (std::uint64_t seed = 0; seed != 20; ++seed) {
        CHECK(testing::backoff_laws<full_jitter>::broken(split_mix{seed}) == "");
    }
}

TEST_CASE("a constant back-off is caught by the law that asks for growth") {
    CHECK(testing::backoff_laws<constant_backoff>::broken(split_mix{}) ==
          "the delays never grow to what is allowed");
    CHECK(testing::backoff_laws<constant_backoff>::broken(split_mix{}, seconds{1}, seconds{1}) ==
          "");
}

TEST_CASE("the ceiling doubles from twice the shortest delay, and delays spread below it") {
    split_mix random{5};
    for (int failures = 1; failures <= 12; ++failures) {
        const std::int64_t ceiling =
            std::min<std::int64_t>(100'000'000LL << failures, 60'000'000'000);
        std::int64_t least = ceiling;
        std::int64_t most = 0;
        for (int i = 0; i != 300; ++i) {
            full_jitter policy{milliseconds(100), seconds{60}};
            for (int before = 1; before != failures; ++before) {
                policy.next(random);
            }
            const std::int64_t delay = policy.next(random).value;
            least = std::min(least, delay);
            most = std::max(most, delay);
        }
        CHECK(least >= 100'000'000);
        CHECK(most < ceiling);
        CHECK(most > ceiling - (ceiling - 100'000'000) / 10);
        CHECK(least < 100'000'000 + (ceiling - 100'000'000) / 10);
    }
}

TEST_CASE("extreme bounds neither overflow nor divide by zero") {
    split_mix random;
    full_jitter same{seconds{1}, seconds{1}};
    CHECK(same.next(random) == nanoseconds{seconds{1}});
    full_jitter reversed{seconds{2}, seconds{1}};
    CHECK(reversed.next(random) == nanoseconds{seconds{2}});
    full_jitter huge{nanoseconds{1}, nanoseconds{INT64_MAX}};
    for (int i = 0; i != 200; ++i) {
        CHECK(huge.next(random).value >= 1);
    }
}
