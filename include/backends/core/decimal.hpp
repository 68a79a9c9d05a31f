// SPDX-License-Identifier: BSL-1.0
//
// The exact sum of packed cells: an integer of 1e-7 units, the resolution of every line. Storage
// adds decimals and format prints them; nothing in between rounds.
#pragma once

#include <backends/isa.hpp>

#include <compare>
#include <cstdint>

#if !defined(__SIZEOF_INT128__)
#include <boost/multiprecision/cpp_int.hpp>
#endif

namespace backends::inline BACKENDS_ISA {

// Compilers have 128-bit integers on 64-bit machines. Others get Boost's, which are slower.
#if defined(__SIZEOF_INT128__)
/// 128 bits, signed: the compiler's where it has them, else Boost's.
__extension__ using int128 = __int128;
/// 128 bits, unsigned.
__extension__ using uint128 = unsigned __int128;
#else
using int128 = boost::multiprecision::int128_t;
using uint128 = boost::multiprecision::uint128_t;
#endif

namespace detail {
/// Rounds a division's quotient to the nearest integer, given its remainder; ties to even.
template <class Int>
constexpr Int rounded_half_even(Int quotient, Int remainder, Int divisor) noexcept {
    const Int magnitude = remainder < 0 ? -remainder : remainder;
    const Int other = divisor - magnitude;  // compares with a half without doubling anything
    const bool away = magnitude > other || (magnitude == other && quotient % 2 != 0);
    return away ? quotient + (remainder < 0 ? -1 : 1) : quotient;
}
}  // namespace detail

/// A decimal with 7 digits after the point: `units` · 1e-7. A window of 2^24 of the largest packed
/// cells (1.6777215e14, that is 1.7e21 units) stays far inside 128 bits.
struct decimal {
    int128 units = 0;  ///< ten-millionths: 1.5 is 15'000'000

    /// The units in 1.
    static constexpr std::int64_t scale = 10'000'000;

    friend constexpr bool operator==(decimal, decimal) = default;
    /// By value.
    friend constexpr std::strong_ordering operator<=>(decimal a, decimal b) noexcept {
        return a.units < b.units   ? std::strong_ordering::less
               : b.units < a.units ? std::strong_ordering::greater
                                   : std::strong_ordering::equal;
    }
    /// Exact. Precondition: the sum fits 128 bits.
    friend constexpr decimal operator+(decimal a, decimal b) noexcept {
        return {a.units + b.units};
    }

    /// The quotient, rounded once, half to even. Precondition: n > 0.
    friend constexpr decimal operator/(decimal a, std::uint64_t n) noexcept {
        // Most windows fit 64 bits, where a division costs a tenth of the 128-bit one.
        if (a.units <= INT64_MAX && a.units >= -INT64_MAX && n <= UINT32_MAX) {
            const auto dividend = static_cast<std::int64_t>(a.units);
            const auto divisor = static_cast<std::int64_t>(n);
            return {detail::rounded_half_even(dividend / divisor, dividend % divisor, divisor)};
        }
        const auto divisor = static_cast<int128>(n);
        return {detail::rounded_half_even(a.units / divisor, a.units % divisor, divisor)};
    }

    /// The nearest double.
    explicit constexpr operator double() const noexcept {
        return static_cast<double>(units) / static_cast<double>(scale);
    }
};

}  // namespace backends
