// SPDX-License-Identifier: BSL-1.0
//
// Cell: the word of packed_cell, a decimal in four bytes; every sample is an integer of 1e-7 units:
//
//     bit 31      negative
//     bit 30      1: value = significand * 10^p, 0: significand / 10^p
//     bits 29..27 p
//     bits 26..24 0 gap, 1 sample, 2 sample at which the counter was reset
//     bits 23..0  significand
//
// Range +-1.6777215e14, step 1e-7 below 1.6777215, relative error at most 3e-7. Word 0 is the gap.
#pragma once

#include <backends/core/decimal.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace backends::inline BACKENDS_ISA {

namespace detail::packed {

inline constexpr std::uint32_t negative = 1U << 31;
inline constexpr std::uint32_t multiply = 1U << 30;
inline constexpr int power_shift = 27;
inline constexpr std::uint32_t flags = 7U << 24;
inline constexpr std::uint32_t sample = 1U << 24;
inline constexpr std::uint32_t sample_after_reset = 2U << 24;
inline constexpr std::uint32_t largest = 0xff'ffff;
inline constexpr std::uint32_t largest_power = 7;

inline constexpr std::array<std::int64_t, 8> power_of_ten{1,      10,      100,       1'000,
                                                          10'000, 100'000, 1'000'000, 10'000'000};

constexpr double power(std::uint32_t p) noexcept { return static_cast<double>(power_of_ten[p]); }

/// The double nearest to the decimal `significand + 1/2`, scaled by the power.
template <bool Multiply>
constexpr double tie_above(std::uint32_t significand, std::uint32_t p) noexcept {
    const double half = static_cast<double>(significand) + 0.5;
    return Multiply ? half * power(p) : half / power(p);
}

/// Rounds |v| to a significand at the power p, half to even. Precondition: v < tie_above(largest,
/// p).
///
/// A tie is decided for the decimal that the user wrote: 0.00000035 is a tie, although no double
/// equals it. Such a tie is the double nearest to a decimal that ends in 5. tie_above() returns
/// this double: its operands are exact and it rounds once. So one comparison decides, and only a
/// value within a millionth of a half needs it.
template <bool Multiply>
constexpr std::uint32_t round(double v, std::uint32_t p) noexcept {
    constexpr double margin = 1e-6;
    const double scaled = Multiply ? v / power(p) : v * power(p);
    const auto floor = static_cast<std::uint32_t>(scaled);
    const double rest = scaled - static_cast<double>(floor);
    if (rest < 0.5 - margin) {
        return floor;
    }
    if (rest > 0.5 + margin) {
        return floor + 1;
    }
    const double tie = tie_above<Multiply>(floor, p);
    if (v == tie) {
        return floor + floor % 2;
    }
    return v > tie ? floor + 1 : floor;
}

inline constexpr auto fits_below = [] {  // below fits_below[p], v * 10^p rounds into 24 bits
    std::array<double, 8> limit{};
    for (std::uint32_t p = 0; p <= largest_power; ++p) {
        limit[p] = tie_above<false>(largest, p);
    }
    return limit;
}();

/// The 1e-7 units in one step of the significand, up to 10^14, indexed by bits 30..27.
inline constexpr auto step_units = [] {
    std::array<std::int64_t, 16> units{};
    for (std::size_t p = 0; p < 8; ++p) {
        units[p] = power_of_ten[7 - p];
        units[p + 8] = power_of_ten[p] * decimal::scale;
    }
    return units;
}();

/// The signed 1e-7 units in one step of the significand, indexed by a word's top byte. Zero for
/// scaled-up words: a double cannot hold all their units.
inline constexpr auto signed_steps = [] {
    constexpr std::uint32_t shift = 24;
    std::array<double, 256> units{};
    for (std::uint32_t top = 0; top < units.size(); ++top) {
        const std::uint32_t word = top << shift;
        if ((word & multiply) == 0) {
            units[top] = power(largest_power - (word >> power_shift & largest_power));
        }
        if ((word & negative) != 0) {
            units[top] = -units[top];
        }
    }
    return units;
}();

}  // namespace detail::packed

/// A decoded packed word: exact as a decimal, or the nearest double.
class packed_value {
public:
    /// The meaning of a word that is no gap.
    constexpr explicit packed_value(std::uint32_t word) noexcept : word_{word} {}

    /// True when the sample was too large to keep digits after the point.
    [[nodiscard]] constexpr bool is_scaled_up() const noexcept {
        return (word_ & detail::packed::multiply) != 0;
    }
    /// The sample in 1e-7 units, at most 1.7e14. Precondition: !is_scaled_up().
    [[nodiscard]] constexpr std::int64_t narrow_units() const noexcept {
        return significand() * step();
    }
    /// The sample in 1e-7 units, at most 1.7e21.
    [[nodiscard]] constexpr int128 units() const noexcept {
        return static_cast<int128>(significand()) * step();
    }

    constexpr explicit operator decimal() const noexcept { return {units()}; }  ///< exact

    /// The nearest double.
    constexpr operator double() const noexcept {  // NOLINT(google-explicit-constructor)
        const auto m = static_cast<double>(significand());
        const double power = detail::packed::power((word_ >> detail::packed::power_shift) & 7U);
        return is_scaled_up() ? m * power : m / power;
    }

private:
    [[nodiscard]] constexpr std::int64_t significand() const noexcept {
        const std::int64_t m = word_ & detail::packed::largest;
        return (word_ & detail::packed::negative) != 0 ? -m : m;
    }
    [[nodiscard]] constexpr std::int64_t step() const noexcept {
        return detail::packed::step_units[(word_ >> detail::packed::power_shift) & 15U];
    }

    std::uint32_t word_;
};

}  // namespace backends
