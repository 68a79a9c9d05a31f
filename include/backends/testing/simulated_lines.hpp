// SPDX-License-Identifier: BSL-1.0
//
// Testing. The lines of a simulated program, which differ from their first byte on. Those that end
// by length are full of newlines.
#pragma once

#include <backends/core/record_end.hpp>
#include <backends/isa.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace backends::inline BACKENDS_ISA::testing {

/// @tparam Ends  what ends a line
template <record_end Ends = record_end::newline>
class simulated_lines {
public:
    /// How many were made.
    [[nodiscard]] std::uint64_t made() const noexcept { return made_; }

    /// The next line, of about so many bytes; valid until the next call.
    std::string_view next(std::size_t size) noexcept {
        constexpr bool has_length = Ends == record_end::length;
        const std::size_t header = !has_length ? 1 : size < 130 ? 2 : 3;
        text_[0] = static_cast<char>('!' + made_ % 90);
        char* const end = std::to_chars(text_.data() + header, text_.data() + 24, made_++).ptr;
        *end = ' ';
        const auto head = static_cast<std::size_t>(end + 1 - text_.data());
        const std::size_t last = (std::max)((std::min)(size, text_.size()) - 1, head);
        for (std::size_t i = head; i < last; ++i) {
            text_[i] = has_length && i % 3 != 0 ? '\n' : static_cast<char>('a' + (made_ + i) % 26);
        }
        text_[last] = '\n';
        if constexpr (has_length) {
            const std::size_t length = last + 1 - header;
            text_[1] = static_cast<char>(length % 128 + (header == 3 ? 128 : 0));
            if (header == 3) {
                text_[2] = static_cast<char>(length / 128);
            }
        }
        return {text_.data(), last + 1};
    }

private:
    std::array<char, 1024> text_{};
    std::uint64_t made_ = 0;
};

}  // namespace backends::testing
