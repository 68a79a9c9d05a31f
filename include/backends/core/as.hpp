// SPDX-License-Identifier: BSL-1.0
//
// Numbers whose type is a matter of the machine: std::size_t is std::uint64_t on one and half of it
// on another, so that a cast is needed here and useless, which g++ warns of, there.
#pragma once

#include <backends/isa.hpp>

#include <type_traits>

namespace backends::inline BACKENDS_ISA::detail {

/// `n` as To. Precondition: it fits.
template <class To, class From>
[[gnu::always_inline]] constexpr To as(From n) noexcept {
    if constexpr (std::is_same_v<To, From>) {
        return n;
    } else {
        return static_cast<To>(n);
    }
}

}  // namespace backends::detail
