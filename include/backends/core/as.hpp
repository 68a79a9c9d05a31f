// SPDX-License-Identifier: BSL-1.0
//
// Conversions between types that depend on the machine: std::size_t is std::uint64_t on one and has
// half its width on another. g++ warns of a cast on the first that the second needs.
#pragma once

#include <backends/core/inline.hpp>
#include <backends/isa.hpp>

#include <type_traits>

namespace backends::inline BACKENDS_ISA::detail {

/// Converts `n` to To. Precondition: To represents it.
template <class To, class From>
BACKENDS_INLINE constexpr To as(From n) noexcept {
    if constexpr (std::is_same_v<To, From>) {
        return n;
    } else {
        return static_cast<To>(n);
    }
}

}  // namespace backends::detail
