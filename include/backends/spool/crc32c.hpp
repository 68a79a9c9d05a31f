// SPDX-License-Identifier: BSL-1.0
//
// Spool stage. CRC-32C (Castagnoli), the check of iSCSI, ext4 and SCTP: it finds every error burst
// of up to 32 bits and misses one in four thousand million of the others. Uses the processor's
// instruction where there is one, and tables for eight bytes a step elsewhere.
#pragma once

#include <backends/isa.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace backends::inline BACKENDS_ISA::detail {

/// Built at the first use, 8 KiB: as constants they would cost every program that includes them 12
/// MB of the compiler's memory.
class crc32c_tables {
public:
    static const crc32c_tables& get() noexcept {
        static const crc32c_tables tables;
        return tables;
    }
    const std::array<std::uint32_t, 256>& operator[](std::size_t k) const noexcept {
        return tables_[k];
    }

private:
    crc32c_tables() noexcept {
        for (std::uint32_t byte = 0; byte < 256; ++byte) {
            std::uint32_t crc = byte;
            for (int bit = 0; bit < 8; ++bit) {
                crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0x82f63b78U : 0U);
            }
            tables_[0][byte] = crc;
        }
        for (std::size_t k = 1; k < 8; ++k) {
            for (std::size_t byte = 0; byte < 256; ++byte) {
                const std::uint32_t crc = tables_[k - 1][byte];
                tables_[k][byte] = (crc >> 8U) ^ tables_[0][crc & 0xffU];
            }
        }
    }

    std::array<std::array<std::uint32_t, 256>, 8> tables_;
};

[[nodiscard]] inline std::uint32_t crc32c_by_tables(std::string_view text,
                                                    std::uint32_t crc = 0) noexcept {
    const auto& t = crc32c_tables::get();
    const auto byte = [&](std::size_t i) {
        return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i]));
    };
    crc = ~crc;
    while (text.size() >= 8) {
        crc ^= byte(0) | byte(1) << 8U | byte(2) << 16U | byte(3) << 24U;
        crc = t[7][crc & 0xffU] ^ t[6][crc >> 8U & 0xffU] ^ t[5][crc >> 16U & 0xffU] ^
              t[4][crc >> 24U] ^ t[3][byte(4)] ^ t[2][byte(5)] ^ t[1][byte(6)] ^ t[0][byte(7)];
        text.remove_prefix(8);
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        crc = (crc >> 8U) ^ t[0][(crc ^ byte(i)) & 0xffU];
    }
    return ~crc;
}

#if defined(__x86_64__) && defined(__GNUC__)
/// Precondition: the processor has SSE4.2.
[[nodiscard, gnu::target("sse4.2")]] inline std::uint32_t crc32c_by_instruction(
    std::string_view text, std::uint32_t crc) noexcept {
    std::uint64_t wide = ~crc;
    for (; text.size() >= 8; text.remove_prefix(8)) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data(), sizeof word);
        wide = __builtin_ia32_crc32di(wide, word);
    }
    auto narrow = static_cast<std::uint32_t>(wide);
    for (const char c : text) {
        narrow = __builtin_ia32_crc32qi(narrow, static_cast<unsigned char>(c));
    }
    return ~narrow;
}
#endif

/// The check of `text` after bytes whose check is `crc`: crc32c(b, crc32c(a)) is the check of a and
/// b together.
[[nodiscard]] inline std::uint32_t crc32c(std::string_view text, std::uint32_t crc = 0) noexcept {
#if defined(__x86_64__) && defined(__GNUC__)
    if (__builtin_cpu_supports("sse4.2") != 0) {
        return crc32c_by_instruction(text, crc);
    }
#endif
    return crc32c_by_tables(text, crc);
}

}  // namespace backends::detail
