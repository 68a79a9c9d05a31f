// SPDX-License-Identifier: BSL-1.0
//
// What the library needs of <algorithm>. That header brings the algorithms of ranges too, a tenth
// of what a compiler reads for an exporter.
#pragma once

#include <backends/isa.hpp>

namespace backends::inline BACKENDS_ISA::detail {

/// As std::min: the first of equal ones.
template <class T>
[[nodiscard]] constexpr const T& smaller(const T& a, const T& b) noexcept {
    return b < a ? b : a;
}
template <class T>
[[nodiscard]] constexpr const T& smaller(const T& a, const T& b, const T& c) noexcept {
    return smaller(smaller(a, b), c);
}

/// As std::max: the first of equal ones.
template <class T>
[[nodiscard]] constexpr const T& larger(const T& a, const T& b) noexcept {
    return a < b ? b : a;
}
template <class T>
[[nodiscard]] constexpr const T& larger(const T& a, const T& b, const T& c) noexcept {
    return larger(larger(a, b), c);
}

/// As std::clamp. Precondition: low <= high.
template <class T>
[[nodiscard]] constexpr const T& clamped(const T& value, const T& low, const T& high) noexcept {
    return value < low ? low : high < value ? high : value;
}

}  // namespace backends::detail
