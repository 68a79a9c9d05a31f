// SPDX-License-Identifier: BSL-1.0
//
// Bytes that a transport has taken and need not copy: the queue keeps them until they are
// acknowledged.
#pragma once

#include <backends/isa.hpp>

#include <cstddef>
#include <span>

namespace backends::inline BACKENDS_ISA {

/// Lends the bytes of the living connection that the transport has not acknowledged. Whoever drives
/// the transport keeps them; their place in memory may change between two calls of it.
struct lent_bytes {
    const void* keeper = nullptr;  ///< outlives the connections; nullptr: nobody lends
    /// Copies the bytes that begin `before_end` bytes before the end of those that write_some() has
    /// taken so far. Precondition: they are unacknowledged, and their last write has returned.
    void (*copy)(const void* keeper, std::size_t before_end, std::span<char> to) noexcept = nullptr;

    /// Whether somebody lends.
    explicit operator bool() const noexcept { return keeper != nullptr; }
};

}  // namespace backends
