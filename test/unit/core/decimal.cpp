// SPDX-License-Identifier: BSL-1.0
#include <backends/core/decimal.hpp>

#include "catch.hpp"

#include <cstdint>
#include <random>

using backends::decimal;
using backends::int128;

namespace {

/// floor((2a + n) / 2n), corrected downwards at a tie that would be odd: the definition, without
/// remainders.
int128 half_even(int128 a, int128 n) {
    const auto floor_div = [](int128 x, int128 y) { return x / y - (x % y < 0 ? 1 : 0); };
    const int128 up = floor_div(2 * a + n, 2 * n);
    const bool tie = 2 * up * n == 2 * a + n;
    return tie && up % 2 != 0 ? up - 1 : up;
}

}  // namespace

static_assert((decimal{5} / 2).units == 2);
static_assert((decimal{7} / 2).units == 4);
static_assert((decimal{-5} / 2).units == -2);
static_assert((decimal{-7} / 2).units == -4);
static_assert((decimal{8} / 3).units == 3);
static_assert(decimal{1} < decimal{2});
static_assert(static_cast<double>(decimal{25'000'000}) == 2.5);

TEST_CASE("a quotient is rounded half to even, in 64 bits and beyond") {
    std::mt19937_64 random{1};
    for (int i = 0; i < 200'000; ++i) {
        int128 units = static_cast<std::int64_t>(random());
        if (i % 2 == 0) {
            units *= 1'000'003;
        }
        if (i % 3 == 0) {
            units %= 1000;
        }
        const std::uint64_t n = 1 + random() % (i % 5 == 0 ? 10 : 100'000'000'000);
        REQUIRE((decimal{units} / n).units == half_even(units, static_cast<int128>(n)));
    }
}

TEST_CASE("the largest window of the largest cells does not overflow") {
    const int128 largest = static_cast<int128>(167'772'150'000'000) * decimal::scale;
    decimal sum;
    for (int i = 0; i < 1 << 20; ++i) {
        sum = sum + decimal{largest};
    }
    CHECK((sum / (1U << 20U)).units == largest);
}
