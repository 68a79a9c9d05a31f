// SPDX-License-Identifier: BSL-1.0
//
// One number of a row that is written in braces and has numbers of several types: {1, 2.5}.
#pragma once

#include <backends/isa.hpp>

#include <type_traits>

namespace backends::inline BACKENDS_ISA::detail {

/// A number that is a double, or an integer that a double holds exactly. Of others it would be a
/// guess that the writer may lose digits.
struct braced_number {
    double value;

    template <class T>
        requires std::is_arithmetic_v<T>
    constexpr braced_number(T number) noexcept  // NOLINT(google-explicit-constructor)
        : value{static_cast<double>(number)} {
        static_assert(
            sizeof(T) < 8 || std::is_same_v<T, double>,
            "backends: a row of several types is one of doubles, and a double does not hold "
            "every 64-bit integer: write static_cast<double>(n), or a row of integers alone");
    }
    constexpr operator double() const noexcept { return value; }  // NOLINT
};

}  // namespace backends::inline BACKENDS_ISA::detail
