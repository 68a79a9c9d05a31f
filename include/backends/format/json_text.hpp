// SPDX-License-Identifier: BSL-1.0
//
// Strings inside JSON (RFC 8259): the spelling of names for the JSON format, and its inverse. Any
// bytes become one valid string. Each maximal subpart of an ill-formed UTF-8 sequence becomes one
// U+FFFD, as the Unicode standard recommends (section 3.9, table 3-8).
#pragma once

#include <backends/format/safe_name.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace backends::inline BACKENDS_ISA {

namespace detail {

/// One step through UTF-8: its bytes, and whether they are a valid character.
struct utf8_step {
    std::size_t bytes;
    bool valid;
};

/// Decodes one step by table 3-7 of the Unicode standard: overlong forms, surrogates and code
/// points above U+10FFFF fail at their second byte. Precondition: text is not empty.
constexpr utf8_step next_utf8(std::string_view text) noexcept {
    const auto at = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned first = at(0);
    if (first < 0x80) {
        return {1, true};
    }
    if (first < 0xc2 || first > 0xf4) {
        return {1, false};
    }
    const std::size_t size = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    for (std::size_t i = 1; i < size; ++i) {
        unsigned low = 0x80;
        unsigned high = 0xbf;
        if (i == 1) {
            low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : low;
            high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : high;
        }
        if (i >= text.size() || at(i) < low || at(i) > high) {
            return {i, false};
        }
    }
    return {size, true};
}

/// The letter of a two-byte escape, or 0.
constexpr char short_escape(char c) noexcept {
    switch (c) {
        case '"': return '"';
        case '\\': return '\\';
        case '\b': return 'b';
        case '\f': return 'f';
        case '\n': return 'n';
        case '\r': return 'r';
        case '\t': return 't';
        default: return 0;
    }
}

inline constexpr std::string_view hex_digits = "0123456789abcdef";

/// The length of the escape that begins `text`, and its meaning. Accepts only the escapes that
/// json_spelling writes. Zero bytes if there is none.
struct json_escape {
    std::size_t bytes;
    char meaning;
};
constexpr json_escape next_escape(std::string_view text) noexcept {
    if (text.size() < 2 || text[0] != '\\') {
        return {0, 0};
    }
    for (const char c : {'"', '\\', '\b', '\f', '\n', '\r', '\t'}) {
        if (text[1] == short_escape(c)) {
            return {2, c};
        }
    }
    if (!text.starts_with("\\u00") || text.size() < 6) {
        return {0, 0};
    }
    const std::size_t high = hex_digits.find(text[4]);
    const std::size_t low = hex_digits.find(text[5]);
    if (high > 1 || low == std::string_view::npos) {
        return {0, 0};
    }
    const auto meaning = static_cast<char>(high * 16 + low);
    return short_escape(meaning) != 0 ? json_escape{0, 0} : json_escape{6, meaning};
}

}  // namespace detail

/// Spells the inside of a JSON string: lossless for UTF-8, including the empty name.
struct json_spelling {
    /// True if a byte may occur unescaped in a string, judged by this byte alone.
    static constexpr bool in_name(name_field, char c) noexcept {
        return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\';
    }

    static bool spell(name_field f, std::string_view raw, std::string& out) {
        bool same = true;
        while (!raw.empty()) {
            const detail::utf8_step step = detail::next_utf8(raw);
            const char c = raw.front();
            if (!step.valid) {
                out += "\xef\xbf\xbd";  // U+FFFD
                same = false;
            } else if (step.bytes > 1 || in_name(f, c)) {
                out += raw.substr(0, step.bytes);
            } else if (const char letter = detail::short_escape(c); letter != 0) {
                out += {'\\', letter};
            } else {
                const auto code = static_cast<unsigned char>(c);
                out += "\\u00";
                out += detail::hex_digits[code >> 4];
                out += detail::hex_digits[code & 15];
            }
            raw.remove_prefix(step.bytes);
        }
        return same;
    }

    static std::size_t scan(name_field f, std::string_view text) noexcept {
        std::size_t n = 0;
        while (n < text.size()) {
            const std::string_view rest = text.substr(n);
            const detail::utf8_step step = detail::next_utf8(rest);
            if (step.valid && (step.bytes > 1 || in_name(f, rest.front()))) {
                n += step.bytes;
            } else if (const auto escape = detail::next_escape(rest); escape.bytes != 0) {
                n += escape.bytes;
            } else {
                break;
            }
        }
        return n;
    }

    static bool accepts(name_field f, std::string_view text) noexcept {
        return scan(f, text) == text.size();
    }

    static std::size_t longest_component(std::string_view text) noexcept { return text.size(); }
};

/// The original of a name that json_spelling wrote; nothing for text that it cannot write.
inline std::optional<std::string> json_unescape(std::string_view text) {
    if (!json_spelling::accepts(name_field::chart, text)) {
        return std::nullopt;
    }
    std::string out;
    while (!text.empty()) {
        if (const auto escape = detail::next_escape(text); escape.bytes != 0) {
            out += escape.meaning;
            text.remove_prefix(escape.bytes);
        } else {
            out += text.front();
            text.remove_prefix(1);
        }
    }
    return out;
}

}  // namespace backends
