// SPDX-License-Identifier: BSL-1.0
//
// A binary sample as a line of text: NAME{LABEL="VALUE",...} VALUE SECONDS.
#pragma once

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace receiver {

/// Appends text that stays on its line and moves no cursor: `\` and quotes with `\` before them, a
/// newline as `\n`, other control characters as `\xNN`.
inline void append_escaped(std::string& out, std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '\n') {
            out += "\\n";
        } else if (byte < ' ' || byte == 0x7f) {
            out.append("\\x").append(1, digits[byte >> 4U]).append(1, digits[byte & 15U]);
        } else {
            out.append(c == '\\' || c == '"' ? "\\" : "").append(1, c);
        }
    }
}

/// Enough of a text in UTF-8 to know it by, for a sentence.
inline std::string shown(std::string_view text) {
    std::size_t n = text.size();
    if (n > 200) {
        for (n = 200; (static_cast<unsigned char>(text[n]) & 0xc0U) == 0x80;) {
            --n;
        }
    }
    std::string out;
    append_escaped(out, text.substr(0, n));
    return out;
}

/// Appends `NAME="VALUE"`, with a comma where it is not the first one since `begin`.
inline void append_label(std::string& out, std::size_t begin, std::string_view name,
                         std::string_view value) {
    out.append(out.size() == begin ? "" : ",");
    append_escaped(out, name);
    out += "=\"";
    append_escaped(out, value);
    out += '"';
}

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
