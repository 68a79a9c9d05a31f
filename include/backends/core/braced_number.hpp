// SPDX-License-Identifier: BSL-1.0
//
// One number of a braced row with several number types: {1, 2.5}.
#pragma once

#include <backends/isa.hpp>

#include <type_traits>

namespace backends::inline BACKENDS_ISA::detail {

template <class T>
inline constexpr bool is_held_by_a_double =
    std::is_arithmetic_v<T> && (sizeof(T) < 8 || std::is_same_v<T, double>);

/// A double, or a number of a type that double represents exactly. Other types could lose digits
/// without the writer's knowledge.
struct braced_number {
    double value;

    template <class T>
        requires is_held_by_a_double<T>
    constexpr braced_number(T number) noexcept  // NOLINT(google-explicit-constructor)
        : value{static_cast<double>(number)} {}

    /// Only for the diagnostic. The attribute puts it first; a static_assert in the constructor
    /// would appear after a warning about an unused result.
    template <class T>
        requires(std::is_arithmetic_v<T> && !is_held_by_a_double<T>)
    __attribute__((unavailable(
        "backends: a row of several types is one of doubles, and a double does not hold every "
        "64-bit integer: write static_cast<double>(n), or a row of integers "
        "alone"))) constexpr braced_number(T) noexcept;  // NOLINT(google-explicit-constructor)

    constexpr operator double() const noexcept { return value; }  // NOLINT
};

}  // namespace backends::inline BACKENDS_ISA::detail
