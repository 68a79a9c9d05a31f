// SPDX-License-Identifier: BSL-1.0
//
// Hints to the processor about memory that will be read.
#pragma once

#include <backends/isa.hpp>

#include <cstddef>
#include <cstdint>

namespace backends::inline BACKENDS_ISA::detail {

inline constexpr std::size_t cache_line = 64;

/// The cache that memory is fetched into. The first level's is small, and waits for a dozen or two
/// of its lines at once; more requests than that hold up the program.
enum class cache { first_level, second_level };

/// Asks the processor for the cache lines of some memory that will be read, which begins `ahead`
/// bytes behind `from`. There need not be any: an address is not looked at, so they are counted as
/// numbers and not as pointers.
template <cache Into = cache::first_level>
[[gnu::always_inline]] inline void prefetch(const void* from, std::size_t bytes,
                                            std::size_t ahead = 0) noexcept {
    const auto at = reinterpret_cast<std::uintptr_t>(from) + ahead;
    for (std::size_t done = 0; done < bytes; done += cache_line) {
        __builtin_prefetch(reinterpret_cast<const void*>(at + done), 0,
                           Into == cache::first_level ? 3 : 2);
    }
}

/// The same for several pieces of memory, each `stride` bytes below the one before.
template <cache Into = cache::first_level>
[[gnu::always_inline]] inline void prefetch_downwards(const void* from, std::size_t bytes,
                                                      std::size_t pieces,
                                                      std::size_t stride) noexcept {
    for (std::size_t done = 0; done < bytes; done += cache_line) {
        auto at = reinterpret_cast<std::uintptr_t>(from) + done;
        for (std::size_t n = 0; n < pieces; ++n, at -= stride) {
            __builtin_prefetch(reinterpret_cast<const void*>(at), 0,
                               Into == cache::first_level ? 3 : 2);
        }
    }
}

}  // namespace backends::detail
