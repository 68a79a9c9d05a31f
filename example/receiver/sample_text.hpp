// SPDX-License-Identifier: BSL-1.0
//
// A binary sample as a line of text: NAME{LABEL="VALUE",...} VALUE SECONDS.
#pragma once

#include "binary_requests.hpp"

#include <backends/format/json_text.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace receiver {

/// Whether one character of UTF-8 moves a cursor, or tells a terminal what to do.
inline bool is_control(std::string_view character) {
    const auto first = static_cast<unsigned char>(character[0]);
    const bool is_upper = character.size() == 2 && first == 0xc2 &&
                          static_cast<unsigned char>(character[1]) < 0xa0;  // up to U+009F
    return first < ' ' || first == 0x7f || is_upper;
}

/// Appends any bytes as text in UTF-8 that stays on its line and moves no cursor: `\` and quotes
/// with `\` before them, a newline as `\n`, the bytes of other control characters, and those that
/// are no UTF-8, as `\xNN`.
inline void append_escaped(std::string& out, std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    while (!text.empty()) {
        const auto step = backends::detail::next_utf8(text);
        const std::string_view one = text.substr(0, step.bytes);
        if (one == "\n") {
            out += "\\n";
        } else if (!step.valid || is_control(one)) {
            for (const char c : one) {
                const auto byte = static_cast<unsigned char>(c);
                out.append("\\x").append(1, digits[byte >> 4U]).append(1, digits[byte & 15U]);
            }
        } else {
            out.append(one == "\\" || one == "\"" ? "\\" : "").append(one);
        }
        text.remove_prefix(one.size());
    }
}

/// Enough of any bytes to know them by, for a sentence: whole characters, where they are UTF-8.
inline std::string shown(std::string_view text) {
    constexpr std::size_t enough = 200;
    constexpr std::size_t longest_character = 4;
    std::size_t n = std::min(text.size(), enough);
    while (n != text.size() && n > enough - longest_character + 1 &&
           (static_cast<unsigned char>(text[n]) & 0xc0U) == 0x80) {
        --n;
    }
    std::string out;
    append_escaped(out, text.substr(0, n));
    return out;
}

/// Labels as text, `NAME="VALUE",...`. It does not grow much beyond the longest one that is taken,
/// whatever is added.
class label_text {
public:
    void add(std::string_view name, std::string_view value) {
        if (is_too_long_ || name.size() > longest_labels || value.size() > longest_labels) {
            is_too_long_ = true;
            return;
        }
        text_.append(text_.empty() ? "" : ",");
        append_escaped(text_, name);
        text_ += "=\"";
        append_escaped(text_, value);
        text_ += '"';
        is_too_long_ = text_.size() > longest_labels;
    }
    void clear() {
        text_.clear();
        is_too_long_ = false;
    }

    /// All that was added, unless it is too long.
    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] bool is_too_long() const { return is_too_long_; }

private:
    std::string text_;
    bool is_too_long_ = false;
};

/// Appends the shortest digits that are this number; or so many at most.
template <class Number, class... Digits>
void append_number(std::string& out, Number v, Digits... digits) {
    std::array<char, 64> room;
    const auto end = std::to_chars(room.data(), room.data() + room.size(), v, digits...).ptr;
    out.append(room.data(), static_cast<std::size_t>(end - room.data()));
}

/// Appends a time in seconds, with a fraction where it has one. `second` is a power of ten.
inline void append_time(std::string& out, std::uint64_t units, std::uint64_t second) {
    append_number(out, units / second);
    std::uint64_t rest = units % second;
    out.append(rest == 0 ? "" : ".");
    while (rest != 0) {
        second /= 10;
        out += static_cast<char>('0' + rest / second);
        rest %= second;
    }
}

}  // namespace receiver
