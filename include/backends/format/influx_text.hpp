// SPDX-License-Identifier: BSL-1.0
//
// Names in Influx's line protocol: a backslash escapes the bytes that separate. What receivers read
// in different ways is replaced: control characters break lines, a quote begins a string, and some
// take two backslashes for one.
#pragma once

#include <backends/format/json_text.hpp>
#include <backends/format/safe_name.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace backends::inline BACKENDS_ISA {

/// Spells a measurement, a field, or a tag's name or value. Keeps UTF-8 except control characters,
/// `"` and `\`, which become `_`; what is not UTF-8 becomes U+FFFD. No name is empty, begins with
/// `_` or, for a measurement, with `#`: that byte becomes `-`. A tag or field that receivers
/// reserve, and the tag `host`, which the line has, get a `_` at their end.
struct influx_spelling {
    /// True if a byte may occur unescaped, judged by this byte alone.
    static constexpr bool in_name(name_field f, char c) noexcept {
        return keeps(c) && !is_escaped(f, c);
    }

    static bool spell(name_field f, std::string_view raw, std::string& out) {
        const std::size_t start = out.size();
        bool same = true;
        while (!raw.empty()) {
            const detail::utf8_step step = detail::next_utf8(raw);
            const char c = raw.front();
            if (!step.valid) {
                out += "\xef\xbf\xbd";  // U+FFFD
                same = false;
            } else if (step.bytes > 1 || in_name(f, c)) {
                out += raw.substr(0, step.bytes);
            } else if (is_escaped(f, c)) {
                out += {'\\', c};
            } else {
                out += '_';
                same = false;
            }
            raw.remove_prefix(step.bytes);
        }
        if (out.size() == start) {
            out += '_';
            same = false;
        }
        if (begins_badly(f, out[start])) {
            out[start] = '-';
            same = false;
        }
        if (is_reserved(f, std::string_view{out}.substr(start))) {
            out += '_';
            same = false;
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
            } else if (rest.size() > 1 && rest[0] == '\\' && is_escaped(f, rest[1])) {
                n += 2;
            } else {
                break;
            }
        }
        return n;
    }

    static bool accepts(name_field f, std::string_view text) noexcept {
        return !text.empty() && scan(f, text) == text.size() && !begins_badly(f, text.front()) &&
               !is_reserved(f, text);
    }

    static std::size_t longest_component(std::string_view text) noexcept { return text.size(); }

private:
    static constexpr bool is_measurement(name_field f) noexcept {
        return f == name_field::prefix || f == name_field::chart;
    }
    static constexpr bool is_value(name_field f) noexcept {
        return f == name_field::hostname || f == name_field::tag_value;
    }
    static constexpr bool keeps(char c) noexcept {
        const auto code = static_cast<unsigned char>(c);
        return code >= 0x20 && code != 0x7f && c != '"' && c != '\\';
    }
    /// No receiver takes the escape of a `=` in a measurement for one.
    static constexpr bool is_escaped(name_field f, char c) noexcept {
        return c == ' ' || c == ',' || (c == '=' && !is_measurement(f));
    }
    static constexpr bool begins_badly(name_field f, char c) noexcept {
        return (c == '_' && !is_value(f)) || (c == '#' && is_measurement(f));
    }
    static constexpr bool is_reserved(name_field f, std::string_view text) noexcept {
        return (text == "time" && (f == name_field::tag_name || f == name_field::dimension)) ||
               (text == "host" && f == name_field::tag_name);
    }
};

/// The name that a receiver reads in a spelled one; nothing for text that the spelling cannot
/// write.
inline std::optional<std::string> influx_unescape(name_field f, std::string_view text) {
    if (!influx_spelling::accepts(f, text)) {
        return std::nullopt;
    }
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        i += text[i] == '\\' ? 1U : 0U;
        out += text[i];
    }
    return out;
}

}  // namespace backends
