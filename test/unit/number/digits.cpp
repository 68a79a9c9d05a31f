// SPDX-License-Identifier: BSL-1.0
#include <backends/number/digits.hpp>

#include "catch.hpp"

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>

namespace {

using backends::detail::digits_of_8;
using backends::detail::ten_to_8;

std::array<unsigned char, 8> naive(std::uint32_t v) {
    std::array<unsigned char, 8> digits{};
    for (std::size_t i = 8; i-- > 0; v /= 10) {
        digits[i] = static_cast<unsigned char>(v % 10);
    }
    return digits;
}

bool same(std::uint32_t v) {
    const auto expected = naive(v);
    char stored[8];
    backends::detail::store_8(stored, digits_of_8(v));
    return std::memcmp(stored, expected.data(), 8) == 0;
}

std::string written(std::uint64_t v) {
    char room[32];
    return {room, backends::detail::write_unsigned(room, v)};
}

}  // namespace

TEST_CASE("eight digits at once are right for every pair of halves") {
    // The first step is a division by 10^4; from there on the two halves share no bit.
    std::uint32_t wrong = 0;
    for (std::uint32_t half = 0; half < 10'000; ++half) {
        wrong += same(half) ? 0U : 1U;
        wrong += same(half * 10'000) ? 0U : 1U;
        wrong += same(half * 10'000 + 9'999) ? 0U : 1U;
        wrong += same(99'990'000 + half) ? 0U : 1U;
    }
    CHECK(wrong == 0);
}

TEST_CASE("eight digits at once are right along a walk of all numbers") {
    std::uint32_t wrong = 0;
    for (std::uint32_t v = 0; v < ten_to_8; v += 101) {
        wrong += same(v) ? 0U : 1U;
    }
    CHECK(wrong == 0);
}

TEST_CASE("two numbers at once give what each gives alone") {
    std::uint32_t wrong = 0;
    std::uint32_t other = 12'345'678;
    for (std::uint32_t v = 0; v < ten_to_8; v += 97) {
        other =
            static_cast<std::uint32_t>((other * std::uint64_t{1'103'515'245} + 12'345) % ten_to_8);
        const auto both = backends::detail::characters_of(v, other);
        wrong += both.first == (digits_of_8(v) | backends::detail::zeros) ? 0U : 1U;
        wrong += both.second == (digits_of_8(other) | backends::detail::zeros) ? 0U : 1U;
    }
    CHECK(wrong == 0);
}

TEST_CASE("an unsigned number has no leading zeros around every power of two and ten") {
    const auto check = [](std::uint64_t v) {
        char expected[32];
        std::snprintf(expected, sizeof expected, "%llu", static_cast<unsigned long long>(v));
        CHECK(written(v) == expected);
    };
    std::uint64_t ten = 1;
    for (int i = 0; i < 20; ++i, ten *= 10) {
        check(ten - 1);
        check(ten);
        check(ten + 1);
        check(ten * 9);
    }
    for (int bit = 0; bit < 64; ++bit) {
        check((std::uint64_t{1} << bit) - 1);
        check(std::uint64_t{1} << bit);
    }
    check(UINT64_MAX);
}
