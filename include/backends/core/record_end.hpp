// SPDX-License-Identifier: BSL-1.0
//
// What ends a record, which is the format's to say.
#pragma once

#include <backends/isa.hpp>

#include <cstddef>
#include <cstdint>

namespace backends::inline BACKENDS_ISA {

/// What ends a record. One that ends by length begins with a tag of one byte and the length of what
/// follows, a varint of at most three bytes. So it has at most 2,097,155 bytes, and any byte may be
/// in it.
enum class record_end : std::uint8_t {
    newline,  ///< its only newline, which is its last byte
    length,   ///< its length, near its beginning: it is a field of Protocol Buffers
};

namespace detail {
/// Bytes of a record that ends by length: its tag, three bytes of length, and what they count.
inline constexpr std::size_t longest_record = (std::size_t{1} << 21U) - 1 + 4;
}  // namespace detail

}  // namespace backends
