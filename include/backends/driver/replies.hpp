// SPDX-License-Identifier: BSL-1.0
//
// A receiver's replies, cut into lines. Only the first bytes of a line are ever read, so a peer
// that never ends a line costs no more than this prefix.
#pragma once

#include <backends/isa.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace backends::inline BACKENDS_ISA {

/// Discards replies: the protocol has no error replies.
struct ignore_replies {
    /// Finds no rejection.
    template <class Line>
    static std::uint64_t count(std::span<const char>, Line&&) noexcept {
        return 0;
    }
};

/// The format judges each reply line by its first bytes.
template <class Format>
class reply_lines {
public:
    /// The bytes of a line that are kept; further bytes are only counted.
    static constexpr std::size_t prefix = 120;

    /// Takes the bytes of a read and returns how many of their lines refuse a line of ours. Calls
    /// line(std::string_view) once for each line that is not empty: when it ends, or when its
    /// prefix is full.
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
