// SPDX-License-Identifier: BSL-1.0
//
// One number of a row that is written in braces and has numbers of several types: {1, 2.5}.
#pragma once

#include <backends/isa.hpp>

#include <type_traits>

namespace backends::inline BACKENDS_ISA::detail {

template <class T>
inline constexpr bool is_held_by_a_double =
    std::is_arithmetic_v<T> && (sizeof(T) < 8 || std::is_same_v<T, double>);

/// A number that is a double, or an integer that a double holds exactly. Of others it would be a
/// guess that the writer may lose digits.
struct braced_number {
    double value;

    template <class T>
        requires is_held_by_a_double<T>
    constexpr braced_number(T number) noexcept  // NOLINT(google-explicit-constructor)
        : value{static_cast<double>(number)} {}

    /// For its sentence alone, which stands in front of what else a compiler has to say there: an
    /// assertion in a constructor comes behind the warning that a result is not used.
    template <class T>
        requires(std::is_arithmetic_v<T> && !is_held_by_a_double<T>)
    __attribute__((unavailable(
        "backends: a row of several types is one of doubles, and a double does not hold every "
        "64-bit integer: write static_cast<double>(n), or a row of integers "
        "alone"))) constexpr braced_number(T) noexcept;  // NOLINT(google-explicit-constructor)

    constexpr operator double() const noexcept { return value; }  // NOLINT
};

}  // namespace backends::inline BACKENDS_ISA::detail
