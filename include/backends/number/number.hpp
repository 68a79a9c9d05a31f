// SPDX-License-Identifier: BSL-1.0
//
// Numbers as the text of a line. Stored values print with exactly seven decimals, the exact binary
// value rounded half to even, integers as they are; never a locale, never "-0.0000000".
//
// A double is first split into a whole part and 1e-7 units, then written. The two halves are apart
// so that a batch of values may be split with vectors and written by the same second half. All of
// it is integer arithmetic: neither the rounding mode nor -ffast-math changes a digit.
#pragma once

#include <backends/core/decimal.hpp>
#include <backends/number/digits.hpp>

#include <bit>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>

namespace backends::inline BACKENDS_ISA {

/// The longest text of a T, in bytes.
template <class T>
inline constexpr std::size_t max_number_chars = 20;  // INT64_MIN, UINT64_MAX
template <std::floating_point T>
inline constexpr std::size_t max_number_chars<T> = 318;  // -1.797e308 with 7 decimals
template <>
inline constexpr std::size_t max_number_chars<decimal> =
    41;  // the smallest 128-bit number of units

/// write_number may write this many bytes behind the end that it returns.
inline constexpr std::size_t number_slack = 8;

/// Whether the value has a text at all: NaN and the infinities have none, and a value that has none
/// must not reach write_number. Reads the bits, so that -ffast-math cannot remove it.
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

/// The units of m·2^-shift < 1, rounded half to even, for the shifts that leave 64 bits. The
/// product stays below 2^77.
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
    int shift;  // of zero and subnormals 1075, which alone makes them print as zero
    bool negative;
};

constexpr binary_number decompose(double v) noexcept {
    constexpr std::uint64_t hidden = std::uint64_t{1} << 52;
    const auto bits = std::bit_cast<std::uint64_t>(v);
    return {(bits & (hidden - 1)) | hidden, 1075 - static_cast<int>(bits >> 52 & 0x7ff),
            bits >> 63 != 0};
}

/// Whether split() serves: 2^-11 <= |v| < 2^52, where whole part and fraction fit 64 bits each.
constexpr bool is_common(binary_number v) noexcept {
    return static_cast<unsigned>(v.shift - 1) < 63;
}

/// Precondition: is_common(v).
constexpr split_number split(binary_number v) noexcept {
    // What is behind the binary point, moved to the top of 64 bits, times 10^7: the high half is
    // the decimal digits, the low half the remainder, in which a tie is exactly the top bit.
    const uint128 product = static_cast<uint128>(v.m << (64 - v.shift)) * units_in_one;
    const auto odd = static_cast<unsigned>(product >> 64) & 1;
    // The carry of this addition rounds: an odd floor from the tie on, an even one from just above
    // it. A comparison would become a branch that half of all values mispredict.
    constexpr std::uint64_t below_tie = (std::uint64_t{1} << 63) - 1;
    const auto units = static_cast<std::uint32_t>((product + (below_tie + odd)) >> 64);
    const bool carry = units == units_in_one;
    return {(v.m >> v.shift) + (carry ? 1U : 0U), carry ? 0U : units, v.negative};
}

/// The point and seven decimals. Units have seven digits, so that the first of eight characters is
/// a '0' and becomes the point by subtracting 2.
inline char* store_decimals(char* out, std::uint64_t characters) noexcept {
    static_assert('0' - '.' == 2);
    store_8(out, characters - 2);
    return out + 8;
}

/// The second half. Writes up to eight bytes behind the returned end.
[[gnu::always_inline]] inline char* write_split(char* out, split_number n) noexcept {
    *out = '-';
    out += static_cast<int>(n.negative) & static_cast<int>((n.whole | n.units) != 0);
    if (n.whole < ten_to_8) [[likely]] {
        const two_words text = characters_of(static_cast<std::uint32_t>(n.whole), n.units);
        out = store_trimmed(out, text.first);
        return store_decimals(out, text.second);
    }
    return store_decimals(write_unsigned(out, n.whole), digits_of_8(n.units) | zeros);
}

/// A magnitude of more than 64 bits; the rare sums of the largest packed cells.
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
/// What split() does not serve: zero, below 2^-11, from 2^52 on.
[[gnu::noinline]] inline char* write_uncommon(char* out, double v) noexcept {
    const binary_number parts = decompose(v);
    if (parts.shift > 0) {
        return write_split(out, {0, tiny_units(parts.m, parts.shift), parts.negative});
    }
    if (parts.shift > -12) {  // an integer below 2^64
        return write_split(out, {parts.m << -parts.shift, 0, parts.negative});
    }
    // A multiple of 2^12: exact text, nothing to round.
    return std::to_chars(out, out + max_number_chars<double>, v, std::chars_format::fixed, 7).ptr;
}
}  // namespace detail

/// Writes v with exactly seven decimals and returns the end. Needs room for
/// max_number_chars<double> + number_slack bytes, of which it writes what the value takes.
/// Precondition: is_printable(v). About 8 ns below 2^64, more above.
[[gnu::always_inline]] inline char* write_number(char* out, double v) noexcept {
    const detail::binary_number parts = detail::decompose(v);
    if (detail::is_common(parts)) [[likely]] {
        return detail::write_split(out, detail::split(parts));
    }
    return detail::write_uncommon(out, v);
}

/// Writes exactly seven decimals; nothing is rounded.
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

/// Writes an integer as it is. Same room and return value as above.
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
