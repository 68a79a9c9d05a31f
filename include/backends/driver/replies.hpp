// SPDX-License-Identifier: BSL-1.0
//
// What a receiver says back, cut into lines. Only the first bytes of a line are ever looked at, so
// a peer that never ends one costs no more than this prefix.
#pragma once

#include <backends/isa.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace backends::inline BACKENDS_ISA {

/// Replies of a protocol that never says no.
struct ignore_replies {
    template <class Line>
    static std::uint64_t count(std::span<const char>, Line&&) noexcept {
        return 0;
    }
};

/// Lets the format judge each reply line by its first bytes.
template <class Format>
class reply_lines {
public:
    /// The bytes of a line that are kept; the others are only counted.
    static constexpr std::size_t prefix = 120;

    /// Takes what was read, and returns how many of its lines refuse a line of ours. Calls
    /// line(std::string_view) once for each that is not empty: as soon as it ends, or its prefix is
    /// full.
    template <class Line>
    std::uint64_t count(std::span<const char> bytes, Line&& line) noexcept {
        std::uint64_t rejections = 0;
        for (const char c : bytes) {
            if (c == '\n') {
                if (length_ != 0 && length_ != prefix) {
                    rejections += judge(line);
                }
                length_ = 0;
            } else if (length_ < prefix) {
                prefix_[length_++] = c;
                if (length_ == prefix) {
                    rejections += judge(line);
                }
            }
        }
        return rejections;
    }
    std::uint64_t count(std::span<const char> bytes) noexcept {
        return count(bytes, [](std::string_view) noexcept {});
    }

private:
    template <class Line>
    [[nodiscard]] unsigned judge(Line& line) const noexcept {
        const std::string_view text{prefix_.data(), length_};
        line(text);
        return Format::is_rejection(text) ? 1 : 0;
    }

    std::array<char, prefix> prefix_{};
    std::size_t length_ = 0;
};

}  // namespace backends
