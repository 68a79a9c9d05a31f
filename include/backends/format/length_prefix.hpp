// SPDX-License-Identifier: BSL-1.0
//
// Numbers before bytes that stand there already: lengths of messages and of a block of snappy,
// counts. A count may have 64 bits where a length has 32.
#pragma once

#include <backends/isa.hpp>

#include <cstddef>
#include <cstdint>

namespace backends::inline BACKENDS_ISA::detail {

/// Bytes of a varint.
constexpr std::size_t varint_size(std::uint64_t v) noexcept {
    std::size_t n = 1;
    while (v >>= 7U) {
        ++n;
    }
    return n;
}
/// Writes a varint that ends at p, and returns where it begins.
constexpr char* put_varint_before(char* p, std::uint64_t v) noexcept {
    const std::size_t size = varint_size(v);
    for (std::size_t i = size; i != 0; --i) {
        const std::uint64_t more = i == size ? 0U : 0x80U;
        *--p = static_cast<char>((v >> 7U * (i - 1) & 0x7fU) | more);
    }
    return p;
}

}  // namespace backends::detail
