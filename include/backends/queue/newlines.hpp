// SPDX-License-Identifier: BSL-1.0
//
// Queue: Where lines end in a run of text. A queue keeps no table of its lines: the newlines in the
// text are the table, and counting them costs less than writing one.
#pragma once

#include <backends/core/extremes.hpp>
#include <backends/hardware/registers.hpp>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace backends::inline BACKENDS_ISA::detail {

/// The sum of eight bytes: added in pairs, and then all at once by one multiplication.
constexpr std::uint64_t sum_of_bytes(std::uint64_t eight) noexcept {
    constexpr std::uint64_t every_second = 0x00ff'00ff'00ff'00ff;
    const std::uint64_t pairs = (eight & every_second) + (eight >> 8 & every_second);
    return pairs * 0x0001'0001'0001'0001 >> 48;
}

/// The number of newlines in [first, first + size). Compares 64 bytes at a time, counts in one-byte
/// counters, and adds these up before one can overflow.
inline std::uint64_t count_newlines(const char* first, std::size_t size) noexcept {
    constexpr std::size_t vectors = 4;
    constexpr std::size_t row = vectors * sizeof(u8x16);
    constexpr std::size_t max_rows = UINT8_MAX / vectors;
    std::uint64_t total = 0;
    while (size >= row) {
        const std::size_t rows = detail::smaller(size / row, max_rows);
        std::array<u8x16, vectors> found{};
        for (std::size_t n = 0; n != rows; ++n, first += row) {
            each<vectors>([&]<std::size_t I>() {
                u8x16 text;
                std::memcpy(&text, first + I * sizeof text, sizeof text);
                found[I] -= std::bit_cast<u8x16>(text == '\n');  // an equal byte gives -1
            });
        }
        const auto all =
            std::bit_cast<std::array<std::uint64_t, 2>>(found[0] + found[1] + found[2] + found[3]);
        total += sum_of_bytes(all[0]) + sum_of_bytes(all[1]);
        size -= rows * row;
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
/// the end: O(length of one line).
inline std::size_t whole_lines(const char* first, std::size_t size) noexcept {
    while (size != 0 && first[size - 1] != '\n') {
        --size;
    }
    return size;
}

}  // namespace backends::detail
