// SPDX-License-Identifier: BSL-1.0
//
// Delivery stage. Where lines end in a run of text. A queue does not keep a table of its lines:
// the newlines in the text are the table, and counting them costs less than writing one would.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace backends::detail {

/// The number of newlines in [first, first + size). Cheap where the compiler has
/// byte vectors: sixteen counters of one byte each, emptied before one of them can overflow.
inline std::uint64_t count_newlines(const char* first, std::size_t size) noexcept {
    constexpr std::size_t lanes = 16;
    constexpr std::size_t block = lanes * 32;
    std::uint64_t total = 0;
    for (; size >= block; first += block, size -= block) {
        unsigned char counter[lanes] = {};
        for (std::size_t row = 0; row != block; row += lanes) {
            for (std::size_t lane = 0; lane != lanes; ++lane) {
                counter[lane] =
                    static_cast<unsigned char>(counter[lane] + (first[row + lane] == '\n'));
            }
        }
        for (const unsigned char n : counter) {
            total += n;
        }
    }
    for (; size != 0; ++first, --size) {
        total += *first == '\n';
    }
    return total;
}

/// The number of bytes up to and including the first newline; 0 when there is none.
inline std::size_t first_line(const char* first, std::size_t size) noexcept {
    const void* end = size == 0 ? nullptr : std::memchr(first, '\n', size);
    return end == nullptr ? 0 : static_cast<std::size_t>(static_cast<const char*>(end) - first) + 1;
}

/// The number of bytes up to and including the last newline; 0 when there is none. Walks back from
/// the end, so it costs the length of one line.
inline std::size_t whole_lines(const char* first, std::size_t size) noexcept {
    while (size != 0 && first[size - 1] != '\n') {
        --size;
    }
    return size;
}

}  // namespace backends::detail
