// SPDX-License-Identifier: BSL-1.0
//
// The digits of several numbers in one vector at once, for printing blocks of numbers.
#pragma once

#include <backends/core/inline.hpp>
#include <backends/number/digits.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace backends::inline BACKENDS_ISA::detail {

/// Writes eight digits of each of several numbers below 10^8, one after another. Two numbers can be
/// one value's integer part and fraction: `first_of_second` replaces the first digit of every
/// second number, '.' if that digit is always 0. Uses the steps of digits_of_8.
template <class V>
class digit_writer {
public:
    explicit digit_writer(char first_of_second) noexcept
        : zeros_{V::broadcast_64(0x3030'3000'3030'3030 | static_cast<std::uint64_t>(first_of_second)
                                                             << 32)} {}

    BACKENDS_INLINE void operator()(char* out, typename V::numbers v) const noexcept {
        // v * ceil(2^45 / 10^4) >> 45 is v / 10^4 for every 32-bit v.
        const auto even = V::template shift_right_64<45>(V::mul_even_32(v, reciprocal_));
        const auto odd =
            V::template shift_right_64<45>(V::mul_even_32(V::odd_to_even(v), reciprocal_));
        const auto high = V::bit_or(even, V::template shift_left_64<32>(odd));
        const auto low = V::sub_32(v, V::mul_add_16(high, V::broadcast_32(10'000)));
        const auto fours = V::bit_or(high, V::template shift_left_32<16>(low));
        const auto hundreds =
            V::template shift_right_16<3>(V::mul_high_16(fours, V::broadcast_16(5'243)));
        const auto rest = V::sub_16(fours, V::mul_low_16(hundreds, hundred_));
        V::store_interleaved_16(out, characters(hundreds, zeros_),
                                characters(rest, V::broadcast_16(0x3030)));
    }

private:
    /// Tens and ones of numbers below 100: tens + 256 * (v - 10 * tens).
    BACKENDS_INLINE typename V::numbers characters(typename V::numbers v,
                                                   typename V::numbers digit_zeros) const noexcept {
        const auto tens = V::mul_high_16(v, V::broadcast_16(6'554));
        return V::sub_16(V::add_16(V::template shift_left_16<8>(v), digit_zeros),
                         V::mul_low_16(tens, factor_));
    }

    typename V::numbers zeros_;
    typename V::numbers reciprocal_ = V::broadcast_32(0xd1b7'1759);
    typename V::numbers hundred_ = V::opaque(V::broadcast_16(100));
    typename V::numbers factor_ = V::opaque(V::broadcast_16(2'559));
};

/// The prepared texts of a block of numbers, 16 characters each: eight digits, whose leading zeros
/// are skipped, and the rest.
template <std::size_t Most>
class texts_of_block {
public:
    /// True if write_plain() may write all of them.
    [[nodiscard]] bool is_plain() const noexcept { return is_plain_; }
    BACKENDS_INLINE char* write_plain(char* out, std::size_t i) const noexcept {
        const char* const text = text_.data() + 16 * i;
        std::uint64_t whole = 0;
        std::memcpy(&whole, text, sizeof whole);
        const std::size_t skipped = leading_zeros(whole);
        std::memcpy(out, text + skipped, 16);
        return out + (16 - skipped);
    }
    /// Calls f(write), where write(out, i) is write_plain(). Selects the form once.
    template <class F>
    BACKENDS_INLINE void all_plain(F f) const noexcept {
        f([this](char* out, std::size_t i) BACKENDS_INLINE { return write_plain(out, i); });
    }

protected:
    bool is_plain_ = true;
    alignas(32) std::array<char, 16 * (Most + 1)> text_;  // room to read past the last text
};

}  // namespace backends::detail
