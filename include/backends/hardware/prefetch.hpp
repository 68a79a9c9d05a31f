// SPDX-License-Identifier: BSL-1.0
//
// Prefetch hints.
#pragma once

#include <backends/core/inline.hpp>
#include <backends/isa.hpp>

#include <cstddef>
#include <cstdint>

namespace backends::inline BACKENDS_ISA::detail {

inline constexpr std::size_t cache_line = 64;

/// The cache to prefetch into. L1 is small and tracks some 12 to 24 outstanding misses; further
/// prefetches stall the program.
enum class cache { first_level, second_level };

/// Prefetches [from + ahead, from + ahead + bytes). The range may lie outside any object, so the
/// address is computed as an integer; nothing is dereferenced.
template <cache Into = cache::first_level>
BACKENDS_INLINE inline void prefetch(const void* from, std::size_t bytes,
                                     std::size_t ahead = 0) noexcept {
    const auto at = reinterpret_cast<std::uintptr_t>(from) + ahead;
    for (std::size_t done = 0; done < bytes; done += cache_line) {
        __builtin_prefetch(reinterpret_cast<const void*>(at + done), 0,
                           Into == cache::first_level ? 3 : 2);
    }
}

/// Prefetches `pieces` ranges of `bytes` bytes, each `stride` bytes below its predecessor.
template <cache Into = cache::first_level>
BACKENDS_INLINE inline void prefetch_downwards(const void* from, std::size_t bytes,
                                               std::size_t pieces, std::size_t stride) noexcept {
    for (std::size_t done = 0; done < bytes; done += cache_line) {
        auto at = reinterpret_cast<std::uintptr_t>(from) + done;
        for (std::size_t n = 0; n < pieces; ++n, at -= stride) {
            __builtin_prefetch(reinterpret_cast<const void*>(at), 0,
                               Into == cache::first_level ? 3 : 2);
        }
    }
}

}  // namespace backends::detail
