// SPDX-License-Identifier: BSL-1.0
//
// Eight decimal digits at a time in one 64-bit word: no table in the cache, no branch on the number
// of digits, no locale. Every scalar number is built from it. Works on any byte order.
#pragma once

#include <backends/isa.hpp>

#include <bit>
#include <cstdint>
#include <cstring>

namespace backends::inline BACKENDS_ISA::detail {

inline constexpr std::uint32_t ten_to_8 = 100'000'000;
inline constexpr std::uint64_t ten_to_16 = 10'000'000'000'000'000;
inline constexpr std::uint64_t zeros = 0x3030303030303030;  // eight times '0'

/// The digits of v, one per byte, the first digit in the lowest byte. Precondition: v < 10^8.
constexpr std::uint64_t digits_of_8(std::uint32_t v) noexcept {
    // Halves the digits per lane three times: 8 -> 4+4 -> 2+2+2+2 -> single digits. The factors are
    // reciprocals of 100 and 10, exact for lanes below 10^4 and 10^2.
    const std::uint64_t high = v / 10'000;
    const std::uint64_t fours = high | (v - high * 10'000) << 32;
    const std::uint64_t hundreds = (fours * 10'486 >> 20) & 0x0000'007f'0000'007f;
    const std::uint64_t twos = hundreds | (fours - hundreds * 100) << 16;
    const std::uint64_t tens = (twos * 103 >> 10) & 0x000f'000f'000f'000f;
    return tens | (twos - tens * 10) << 8;
}

/// The characters of two numbers below 10^8, eight each, in little-endian memory order.
struct two_words {
    std::uint64_t first;
    std::uint64_t second;
};

inline two_words characters_of(std::uint32_t first, std::uint32_t second) noexcept {
    return {digits_of_8(first) | zeros, digits_of_8(second) | zeros};
}

/// Stores eight characters, the first one from the lowest byte of the word.
inline void store_8(char* out, std::uint64_t word) noexcept {
    if constexpr (std::endian::native == std::endian::big) {
        std::uint64_t swapped = 0;
        for (int i = 0; i < 8; ++i) {
            swapped = swapped << 8 | (word >> 8 * i & 0xff);
        }
        word = swapped;
    }
    std::memcpy(out, &word, sizeof word);
}

/// Counts the leading zeros of eight digits, without the last digit.
inline unsigned leading_zeros(std::uint64_t characters) noexcept {
    // The xor makes the last byte non-zero, since no digit has that value. std::countr_zero would
    // test for zero; the builtin does not.
    return static_cast<unsigned>(__builtin_ctzll(characters ^ zeros >> 8)) / 8;
}

/// Stores eight digits without leading zeros; returns the end. Writes eight bytes.
inline char* store_trimmed(char* out, std::uint64_t characters) noexcept {
    const unsigned skipped = leading_zeros(characters);
    store_8(out, characters >> 8 * skipped);
    return out + 8 - skipped;
}

/// Writes v without leading zeros; returns the end. Writes eight bytes. Precondition: v < 10^8.
inline char* write_short(char* out, std::uint32_t v) noexcept {
    return store_trimmed(out, digits_of_8(v) | zeros);
}

/// Writes v as exactly eight digits.
inline char* write_8(char* out, std::uint32_t v) noexcept {
    store_8(out, digits_of_8(v) | zeros);
    return out + 8;
}

/// Writes any 64-bit number without leading zeros; returns the end. May write 7 bytes past it.
inline char* write_unsigned(char* out, std::uint64_t v) noexcept {
    if (v < ten_to_8) {
        return write_short(out, static_cast<std::uint32_t>(v));
    }
    const std::uint64_t high = v / ten_to_8;
    const auto low = static_cast<std::uint32_t>(v % ten_to_8);
    if (v < ten_to_16) {
        return write_8(write_short(out, static_cast<std::uint32_t>(high)), low);
    }
    out = write_short(out, static_cast<std::uint32_t>(high / ten_to_8));
    return write_8(write_8(out, static_cast<std::uint32_t>(high % ten_to_8)), low);
}

}  // namespace backends::detail
