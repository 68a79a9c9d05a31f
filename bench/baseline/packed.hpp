// SPDX-License-Identifier: BSL-1.0
//
// Baseline: the packed cell as the original system computes it, value by value in long double. The
// library's own form is backends/cell/packed_cell.hpp.
#pragma once

#include <cstdint>

namespace baseline {

inline constexpr std::uint32_t gap = 0;

/// Precondition: finite.
std::uint32_t pack(long double value) noexcept;
/// Precondition: not a gap.
long double unpack(std::uint32_t word) noexcept;
bool exists(std::uint32_t word) noexcept;

}  // namespace baseline
