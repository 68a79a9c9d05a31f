// SPDX-License-Identifier: BSL-1.0
//
// Source: values of neighbouring dimensions, emitted together so that they can be formatted
// together. A sink without block() gets them one at a time.
#pragma once

#include <backends/core/inline.hpp>
#include <backends/core/time.hpp>
#include <backends/hardware/value_array.hpp>
#include <backends/source/reduction.hpp>

#include <cstddef>
#include <cstdint>

namespace backends::inline BACKENDS_ISA {

/// The values of neighbouring dimensions, all of one time.
template <line_value Value, std::size_t Most>
struct value_block {
    static_assert(Most % 4 == 0 && Most <= 32);

    std::size_t first = 0;              ///< the dimension of values[0]
    std::size_t size = 0;               ///< the number of values
    std::uint32_t absent = 0;           ///< bit i: values[i] is undefined; do not emit it
    value_array<Value, Most> values{};  ///< of `size` dimensions; not initialized

    /// Sets the size, and fills the values up to the next multiple of four, so that vectors may
    /// read them.
    BACKENDS_INLINE void end_at(std::size_t n) noexcept {
        size = n;
        fill_behind(n);
    }
    /// Only fills. For callers that have set the size.
    BACKENDS_INLINE void fill_behind(std::size_t n) noexcept {
        for (; n % 4 != 0; ++n) {
            values.set(n, Value{});
        }
    }
};

/// Emits a block whole if `sink` has a member block(at, values), value by value otherwise.
/// Precondition: the source has one variant.
template <class Emit, line_value Value, std::size_t Most>
BACKENDS_INLINE inline void emit_block(Emit& sink, unix_seconds at,
                                       const value_block<Value, Most>& all) noexcept {
    if constexpr (requires { sink.block(at, all); }) {
        sink.block(at, all);
    } else {
        for (std::size_t i = 0; i < all.size; ++i) {
            if ((all.absent >> i & 1) == 0) {
                sink(all.first + i, std::size_t{0}, at, all.values[i]);
            }
        }
    }
}

}  // namespace backends
