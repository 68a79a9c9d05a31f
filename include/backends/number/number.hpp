// SPDX-License-Identifier: BSL-1.0
//
// Numbers as text in lines. A stored value prints with exactly seven decimals: its exact binary
// value, rounded half to even. Integers print as they are. Never a locale, never "-0.0000000".
//
// A double is first split into an integer part and 1e-7 units, then written. The steps are
// separate, so vectors can split a batch of values and share the second step. All arithmetic is on
// integers: neither the rounding mode nor -ffast-math changes a digit.
#pragma once

#include <backends/core/decimal.hpp>
#include <backends/core/inline.hpp>
#include <backends/number/digits.hpp>

#include <bit>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>

namespace backends::inline BACKENDS_ISA {

/// The maximum length of a T's text, in bytes.
template <class T>
inline constexpr std::size_t max_number_chars = 20;  // INT64_MIN, UINT64_MAX
template <std::floating_point T>
inline constexpr std::size_t max_number_chars<T> = 318;  // -1.797e308 with 7 decimals
template <>
inline constexpr std::size_t max_number_chars<decimal> =
    41;  // the most negative 128-bit number of units

/// write_number may write this many bytes past the returned end.
inline constexpr std::size_t number_slack = 8;

/// True if the value has a text. NaN and the infinities have none and must not reach write_number.
/// Reads the bits, so -ffast-math cannot remove the test.
template <class T>
constexpr bool is_printable(T v) noexcept {
    if constexpr (std::floating_point<T>) {
        constexpr std::uint64_t exponent = 0x7ff0'0000'0000'0000;
        return (std::bit_cast<std::uint64_t>(static_cast<double>(v)) & exponent) != exponent;
    } else {
        return true;
    }
}

namespace detail {

/// ±(whole + units·1e-7), units < 10^7.
struct split_number {
    std::uint64_t whole;
    std::uint32_t units;
    bool negative;
};

inline constexpr std::uint64_t units_in_one = decimal::scale;

/// The units of m·2^-shift < 1, rounded half to even, for shifts of 64 and more. The product stays
/// below 2^77.
constexpr std::uint32_t tiny_units(std::uint64_t m, int shift) noexcept {
    if (shift >= 78) {
        return 0;  // below half a unit
    }
    const uint128 product = static_cast<uint128>(m) * units_in_one;
    const auto floor = static_cast<std::uint32_t>(product >> shift);
    const uint128 rest = product - (static_cast<uint128>(floor) << shift);
    const uint128 half = static_cast<uint128>(1) << (shift - 1);
    return floor + (rest > half || (rest == half && (floor & 1) != 0) ? 1U : 0U);
}

/// A double's magnitude as m * 2^-shift.
struct binary_number {
    std::uint64_t m;
    int shift;  // 1075 for zero and subnormals, which suffices to print them as zero
    bool negative;
};

constexpr binary_number decompose(double v) noexcept {
    constexpr std::uint64_t hidden = std::uint64_t{1} << 52;
    const auto bits = std::bit_cast<std::uint64_t>(v);
    return {(bits & (hidden - 1)) | hidden, 1075 - static_cast<int>(bits >> 52 & 0x7ff),
            bits >> 63 != 0};
}

/// True if split() may be called: 2^-11 <= |v| < 2^52, so integer part and fraction fit 64 bits.
constexpr bool is_common(binary_number v) noexcept {
    return static_cast<unsigned>(v.shift - 1) < 63;
}

/// Precondition: is_common(v).
constexpr split_number split(binary_number v) noexcept {
    // The fraction bits, moved to the top of 64 bits, times 10^7. The high half is the decimal
    // digits. The low half is the remainder; only its top bit is set in a tie.
    const uint128 product = static_cast<uint128>(v.m << (64 - v.shift)) * units_in_one;
    const auto odd = static_cast<unsigned>(product >> 64) & 1;
    // The carry of this addition rounds: an odd floor from the tie on, an even one from just above
    // it. Half of all values would mispredict the branch of a comparison.
    constexpr std::uint64_t below_tie = (std::uint64_t{1} << 63) - 1;
    const auto units = static_cast<std::uint32_t>((product + (below_tie + odd)) >> 64);
    const bool carry = units == units_in_one;
    return {(v.m >> v.shift) + (carry ? 1U : 0U), carry ? 0U : units, v.negative};
}

/// Stores the point and seven decimals. Units have seven digits, so the first of eight characters
/// is '0'; subtracting 2 makes it the point.
inline char* store_decimals(char* out, std::uint64_t characters) noexcept {
    static_assert('0' - '.' == 2);
    store_8(out, characters - 2);
    return out + 8;
}

/// The second step. Writes up to eight bytes past the returned end.
BACKENDS_INLINE inline char* write_split(char* out, split_number n) noexcept {
    *out = '-';
    out += static_cast<int>(n.negative) & static_cast<int>((n.whole | n.units) != 0);
    if (n.whole < ten_to_8) [[likely]] {
        const two_words text = characters_of(static_cast<std::uint32_t>(n.whole), n.units);
        out = store_trimmed(out, text.first);
        return store_decimals(out, text.second);
    }
    return store_decimals(write_unsigned(out, n.whole), digits_of_8(n.units) | zeros);
}

/// Writes a magnitude of any size, for the rare sums of the largest packed cells.
inline char* write_wide(char* out, uint128 v) noexcept {
    if (v <= UINT64_MAX) {
        return write_unsigned(out, static_cast<std::uint64_t>(v));
    }
    out = write_wide(out, v / ten_to_16);
    const auto low = static_cast<std::uint64_t>(v % ten_to_16);
    out = write_8(out, static_cast<std::uint32_t>(low / ten_to_8));
    return write_8(out, static_cast<std::uint32_t>(low % ten_to_8));
}

}  // namespace detail

namespace detail {
/// Writes what split() does not cover: zero, and magnitudes below 2^-11 or from 2^52 on.
[[gnu::noinline]] inline char* write_uncommon(char* out, double v) noexcept {
    const binary_number parts = decompose(v);
    if (parts.shift > 0) {
        return write_split(out, {0, tiny_units(parts.m, parts.shift), parts.negative});
    }
    if (parts.shift > -12) {  // an integer below 2^64
        return write_split(out, {parts.m << -parts.shift, 0, parts.negative});
    }
    // A multiple of 2^12: to_chars is exact, nothing to round.
    return std::to_chars(out, out + max_number_chars<double>, v, std::chars_format::fixed, 7).ptr;
}
}  // namespace detail

/// Writes v with exactly seven decimals and returns the end. Needs room for
/// max_number_chars<double> + number_slack bytes, and writes only as many as the value takes.
/// Precondition: is_printable(v). About 8 ns below 2^64, more above.
BACKENDS_INLINE inline char* write_number(char* out, double v) noexcept {
    const detail::binary_number parts = detail::decompose(v);
    if (detail::is_common(parts)) [[likely]] {
        return detail::write_split(out, detail::split(parts));
    }
    return detail::write_uncommon(out, v);
}

/// Writes exactly seven decimals, without rounding.
inline char* write_number(char* out, decimal v) noexcept {
    const bool negative = v.units < 0;
    const auto bits = static_cast<uint128>(v.units);
    const uint128 magnitude = negative ? 0 - bits : bits;
    if (magnitude <= UINT64_MAX) [[likely]] {
        const auto units = static_cast<std::uint64_t>(magnitude);
        return detail::write_split(
            out, {units / detail::units_in_one,
                  static_cast<std::uint32_t>(units % detail::units_in_one), negative});
    }
    *out = '-';
    out = detail::write_wide(out + (negative ? 1 : 0), magnitude / detail::units_in_one);
    const auto units = static_cast<std::uint32_t>(magnitude % detail::units_in_one);
    return detail::store_decimals(out, detail::digits_of_8(units) | detail::zeros);
}

/// Writes an integer. Needs the same room and returns the end, as above.
template <std::integral Int>
char* write_number(char* out, Int v) noexcept {
    static_assert(sizeof(Int) <= sizeof(std::uint64_t), "integers of a line have at most 64 bits");
    auto magnitude = static_cast<std::uint64_t>(v);
    if constexpr (std::signed_integral<Int>) {
        *out = '-';
        out += v < 0 ? 1 : 0;
        magnitude = v < 0 ? 0 - magnitude : magnitude;
    }
    return detail::write_unsigned(out, magnitude);
}

}  // namespace backends
