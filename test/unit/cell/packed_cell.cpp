// SPDX-License-Identifier: BSL-1.0
#include <backends/cell/packed_cell.hpp>

#include <backends/testing/cell_laws.hpp>

#include "catch.hpp"

#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>

using backends::decimal;
using backends::int128;
using backends::packed_cell;
using backends::store_outcome;

namespace {

constexpr std::uint32_t sample = 1U << 24;

/// The rule of packing applied to a decimal, digits * 10^-7, in integers: shares nothing with the
/// cell, which starts from a double.
std::uint32_t packed(int128 digits, int decimals = 7) {
    const std::uint32_t sign = digits < 0 ? 1U << 31 : 0;
    int128 m = digits < 0 ? -digits : digits;
    int128 one = 1;
    for (int n = 0; n < decimals; ++n) {
        one *= 10;
    }
    const auto rounded = [](int128 a, int128 b) {
        const int128 q = a / b;
        const int128 twice = 2 * (a % b);
        return twice > b || (twice == b && q % 2 != 0) ? q + 1 : q;
    };
    constexpr int128 largest = 0xff'ffff;
    if (rounded(m, one) > largest) {
        for (std::uint32_t p = 1; p <= 7; ++p) {
            one *= 10;
            if (rounded(m, one) <= largest) {
                return sign | 1U << 30 | p << 27 | sample |
                       static_cast<std::uint32_t>(rounded(m, one));
            }
        }
        return sign | 1U << 30 | 7U << 27 | sample | 0xff'ffff;
    }
    std::uint32_t p = 0;
    while (p < 7 && rounded(m * 10, one) <= largest) {
        m *= 10;
        ++p;
    }
    const auto significand = static_cast<std::uint32_t>(rounded(m, one));
    return significand == 0 ? sample : sign | p << 27 | sample | significand;
}

/// Digits with the point `decimals` places from the right.
std::string text(long long digits, int decimals) {
    char out[64];
    const long long magnitude = digits < 0 ? -digits : digits;
    long long one = 1;
    for (int n = 0; n < decimals; ++n) {
        one *= 10;
    }
    std::snprintf(out, sizeof out, "%s%lld.%0*lld", digits < 0 ? "-" : "", magnitude / one,
                  decimals, magnitude % one);
    return out;
}

void check(long long digits, int decimals) {
    const std::string number = text(digits, decimals);
    const auto stored = packed_cell::store(std::strtod(number.c_str(), nullptr));
    INFO(number);
    REQUIRE(stored.word == packed(digits, decimals));
}

std::uint32_t word(double v) { return packed_cell::store(v).word; }
double value(double v) { return packed_cell::load(word(v)); }

}  // namespace

TEST_CASE("a packed cell obeys the laws of cells") {
    using laws = backends::testing::cell_laws<packed_cell>;
    std::mt19937_64 random{1};
    std::uniform_real_distribution<double> exponent{-9, 16};
    for (int n = 0; n < 20'000; ++n) {
        const double a = std::pow(10.0, exponent(random)) * (n % 2 == 0 ? 1 : -1);
        REQUIRE(laws::broken(a, n % 3 == 0 ? -a : a * 1.5) == "");
    }
}

TEST_CASE(
    "a packed cell holds the nearest decimal, ties to even, for decimals of up to 15 digits") {
    std::mt19937_64 random{2};
    for (int digits = 1; digits <= 15; ++digits) {
        long long end = 1;
        for (int n = 0; n < digits; ++n) {
            end *= 10;
        }
        std::uniform_int_distribution<long long> any{1 - end, end - 1};
        for (int n = 0; n < 4'000; ++n) {
            check(any(random), n % 16);
            check(any(random) / 10 * 10 + 5, n % 16);  // every other one is a tie somewhere
        }
    }
}

TEST_CASE("a packed cell is exact around every power of ten and every end of a range") {
    for (const long long around :
         {1LL, 10LL, 16'777'215LL, 16'777'216LL, 167'772'155LL, 167'772'160LL, 1'677'721'550LL,
          16'777'215'500'000LL, 167'772'155'000'000LL}) {
        for (int decimals = 0; decimals <= 15; ++decimals) {
            for (long long off = -30; off <= 30; ++off) {
                check(around + off, decimals);
                check(-around - off, decimals);
            }
        }
    }
}

TEST_CASE("a packed cell stores what the original garbled") {
    REQUIRE(value(1'677'722) == 1'677'722);
    REQUIRE(value(0.1677722) == 0.1677722);
    REQUIRE(value(1'677'721.5) == 1'677'721.5);
    REQUIRE(value(16'777'216) == 16'777'220);
    REQUIRE(value(167'772'150'000'000) == 167'772'150'000'000);
    REQUIRE(value(0.00000010) == 0.0000001);
}

TEST_CASE("a value that rounds to zero is stored as plus zero") {
    for (const double v : {0.0, -0.0, 0.00000005, -0.00000005, -4e-8, 1e-300}) {
        REQUIRE(word(v) == sample);
    }
    REQUIRE(word(0.000000051) == (sample | 7U << 27 | 1));
}

TEST_CASE("a packed cell saturates beyond its range and says so") {
    REQUIRE(packed_cell::store(167'772'154'999'999).outcome == store_outcome::kept);
    for (const double sign : {1.0, -1.0}) {
        const auto stored = packed_cell::store(sign * 167'772'155'000'000);
        REQUIRE(stored.outcome == store_outcome::saturated);
        REQUIRE(packed_cell::load(stored.word) == sign * 167'772'150'000'000);
        REQUIRE(packed_cell::store(sign * 1e300).word == stored.word);
    }
}

TEST_CASE("a packed cell remembers that its counter was reset") {
    REQUIRE(packed_cell::was_reset(packed_cell::store(2.5, true).word));
    REQUIRE_FALSE(packed_cell::was_reset(packed_cell::store(2.5, false).word));
    REQUIRE(packed_cell::exists(packed_cell::store(0, true).word));
    REQUIRE(packed_cell::store(0, true).word == 2U << 24);
}

TEST_CASE("a sum of packed cells is exact, within 64 bits and beyond") {
    std::mt19937_64 random{3};
    std::uniform_real_distribution<double> exponent{-7, 14.3};
    for (int run = 0; run < 20; ++run) {
        packed_cell::sum sum;
        int128 expected = 0;
        std::uint64_t n = 0;
        for (; n < 2'000; ++n) {
            const auto w = word(std::pow(10.0, exponent(random)) * (random() % 3 == 0 ? -1 : 1));
            sum += packed_cell::load(w);
            int128 units = w & 0xff'ffff;
            const int p = static_cast<int>(w >> 27 & 7);
            for (int k = 0; k < ((w >> 30 & 1) != 0 ? 7 + p : 7 - p); ++k) {
                units *= 10;
            }
            expected += (w >> 31) != 0 ? -units : units;
        }
        REQUIRE(sum.total() == decimal{expected});
        REQUIRE(sum.mean(n) == decimal{expected} / n);
    }
}

TEST_CASE("a sum outgrows 64 bits without a trace") {
    const auto largest = packed_cell::load(word(16'777'215));
    packed_cell::sum sum;
    constexpr int n = 200'000;  // 54,975 of them fill 64 bits
    for (int i = 0; i < n; ++i) {
        sum += largest;
    }
    REQUIRE(sum.total() == decimal{static_cast<int128>(16'777'215) * decimal::scale * n});
}
