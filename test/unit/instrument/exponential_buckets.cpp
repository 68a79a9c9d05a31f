// SPDX-License-Identifier: BSL-1.0
#include <backends/instrument/exponential_buckets.hpp>

#include "catch.hpp"

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace {

using backends::exponential_buckets;

/// A whole number of any length, its lowest digits of 32 bits first.
using whole = std::vector<std::uint32_t>;

whole product(const whole& a, const whole& b) {
    whole all(a.size() + b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::uint64_t carry = 0;
        for (std::size_t k = 0; k < b.size(); ++k) {
            carry += std::uint64_t{a[i]} * b[k] + all[i + k];
            all[i + k] = static_cast<std::uint32_t>(carry);
            carry >>= 32U;
        }
        all[i + b.size()] = static_cast<std::uint32_t>(carry);
    }
    return all;
}
/// v^(2^times).
whole squared(std::uint64_t v, unsigned times) {
    whole all{static_cast<std::uint32_t>(v), static_cast<std::uint32_t>(v >> 32U)};
    for (; times != 0; --times) {
        all = product(all, all);
    }
    return all;
}
/// Whether v > 2^k.
bool is_above_power(const whole& v, unsigned k) {
    std::size_t bits = 0;
    std::size_t ones = 0;
    for (std::size_t i = 0; i < v.size(); ++i) {
        bits = v[i] != 0 ? 32 * i + static_cast<std::size_t>(std::bit_width(v[i])) : bits;
        ones += static_cast<std::size_t>(std::popcount(v[i]));
    }
    return bits > k + 1 || (bits == k + 1 && ones > 1);
}

/// The bucket of a fraction of 2^63 behind 1, by its definition: the greatest i with 2^(i/2^s)
/// below it, in whole numbers.
int index_by_definition(std::uint64_t fraction, unsigned scale) {
    const unsigned n = 1U << scale;
    const whole raised = squared((std::uint64_t{1} << 63U) + fraction, scale);
    int i = -1;
    while (i + 1 < static_cast<int>(n) &&
           is_above_power(raised, 63U * n + static_cast<unsigned>(i + 1))) {
        ++i;
    }
    return i;
}

constexpr double infinity = std::numeric_limits<double>::infinity();

template <int Scale>
struct scale {
    static constexpr int value = Scale;
};

}  // namespace

TEST_CASE("the boundaries are 2^(j/64), rounded down at the 63rd digit") {
    for (unsigned j = 0; j < 64; ++j) {
        const std::uint64_t entry = (std::uint64_t{1} << 63U) + backends::detail::sixty_fourths[j];
        REQUIRE(!is_above_power(squared(entry, 6), 63U * 64U + j));
        REQUIRE(is_above_power(squared(entry + 1, 6), 63U * 64U + j));
    }
}

TEMPLATE_TEST_CASE("values beside each boundary are in the right bucket, in every octave", "",
                   scale<0>, scale<1>, scale<2>, scale<3>, scale<4>, scale<5>, scale<6>) {
    constexpr int s = TestType::value;
    using buckets = exponential_buckets<s>;
    bool is_right = true;
    for (int j = 0; j < buckets::per_octave; ++j) {
        // The greatest double that is not beyond the boundary.
        const std::uint64_t entry = backends::detail::sixty_fourths[static_cast<std::size_t>(
            j * (64 / buckets::per_octave))];
        const double at = 1 + static_cast<double>(entry >> 11U) * 0x1p-52;
        for (int octave = -1022; octave < 1024; ++octave) {
            const double here = std::ldexp(at, octave);
            const int below = octave * buckets::per_octave + j - 1;
            is_right = is_right && buckets::bucket_of(here) == below &&
                       buckets::bucket_of(std::nextafter(here, infinity)) == below + 1;
        }
    }
    REQUIRE(is_right);
}

TEMPLATE_TEST_CASE("integers beside each boundary are in the right bucket, in all 64 bits", "",
                   scale<0>, scale<3>, scale<6>) {
    constexpr int s = TestType::value;
    using buckets = exponential_buckets<s>;
    for (int j = 0; j < buckets::per_octave; ++j) {
        const std::uint64_t entry = backends::detail::sixty_fourths[static_cast<std::size_t>(
            j * (64 / buckets::per_octave))];
        const std::uint64_t at = (std::uint64_t{1} << 63U) + entry;
        REQUIRE(buckets::bucket_of(at) == 63 * buckets::per_octave + j - 1);
        REQUIRE(buckets::bucket_of(at + 1) == 63 * buckets::per_octave + j);
    }
    REQUIRE(buckets::bucket_of(std::uint64_t{1}) == -1);
    REQUIRE(buckets::bucket_of(std::numeric_limits<std::uint64_t>::max()) ==
            64 * buckets::per_octave - 1);
}

TEMPLATE_TEST_CASE("any value is in the bucket that the definition gives it", "", scale<0>,
                   scale<2>, scale<3>, scale<5>) {
    constexpr int s = TestType::value;
    std::uint64_t fraction = 88172645463325252U;
    for (int n = 0; n < 2000; ++n) {
        fraction ^= fraction << 13U;
        fraction ^= fraction >> 7U;
        fraction ^= fraction << 17U;
        const std::uint64_t digits = fraction >> 12U;
        const double v = 1 + static_cast<double>(digits) * 0x1p-52;
        REQUIRE(exponential_buckets<s>::bucket_of(v) == index_by_definition(digits << 11U, s));
    }
}

TEST_CASE("an infinite value is as 2^1024, and an upper bound is the next one's lower") {
    using buckets = exponential_buckets<3>;
    REQUIRE(buckets::bucket_of(infinity) == 1024 * 8 - 1);
    REQUIRE(buckets::upper_bound(-1) == 1);
    REQUIRE(buckets::upper_bound(7) == 2);
    REQUIRE(std::abs(buckets::upper_bound(3) - std::sqrt(2.0)) < 1e-15);
}
