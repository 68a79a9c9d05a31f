// SPDX-License-Identifier: BSL-1.0
//
// Names that cannot break a line. A format's *spelling* converts any bytes to bytes that the format
// carries. A *name rule* decides what may happen to a name on the way. Both run once, when a series
// is registered, never per line.
//
// Here: the fields, the provided rules, and the spelling of dotted paths (Graphite, OpenTSDB).
#pragma once

#include <backends/core/joined.hpp>
#include <backends/isa.hpp>

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>

namespace backends::inline BACKENDS_ISA {

// g++ warns that an enumerator of a scoped enumeration hides a type of the same name.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
/// A name's place in a line.
enum class name_field { prefix, hostname, chart, dimension, tag_name, tag_value };
#pragma GCC diagnostic pop

constexpr std::string_view to_string(name_field f) noexcept {
    switch (f) {
        case name_field::prefix: return "prefix";
        case name_field::hostname: return "hostname";
        case name_field::chart: return "chart";
        case name_field::dimension: return "dimension";
        case name_field::tag_name: return "tag name";
        case name_field::tag_value: return "tag value";
    }
    return {};
}

/// How a format writes names.
/// - `in_name(f, c)`: true if this byte, alone, may occur in a spelled name.
/// - `spell(f, raw, out)` appends the spelling of any bytes; true if a receiver reads back exactly
///   `raw`.
/// - `scan(f, text)`: the length of the longest prefix of `text` with only a spelling's bytes.
/// - `accepts(f, text)`: true if spell() can write exactly `text`.
/// - `longest_component(text)`: the length to compare with the format's limit on components.
template <class Spelling>
concept name_spelling = requires(name_field f, char c, std::string_view text, std::string& out) {
    { Spelling::in_name(f, c) } noexcept -> std::same_as<bool>;
    { Spelling::spell(f, text, out) } -> std::same_as<bool>;
    { Spelling::scan(f, text) } noexcept -> std::same_as<std::size_t>;
    { Spelling::accepts(f, text) } noexcept -> std::same_as<bool>;
    { Spelling::longest_component(text) } noexcept -> std::same_as<std::size_t>;
};

/// What may happen to a name on its way into a line. `rewrite(field, name)` may change the raw name
/// and cannot fail; it leaves acceptable names alone. The format's spelling follows and has the
/// last word. `refuse_changes`: true makes a name that the spelling would change an error.
template <class Rule>
concept name_rule = requires(name_field f, std::string& name) {
    { Rule::rewrite(f, name) } noexcept;
    { Rule::refuse_changes } -> std::convertible_to<bool>;
};

/// The default: replaces bytes that the format cannot carry.
struct replace {
    static constexpr bool refuse_changes = false;
    static void rewrite(name_field, std::string&) noexcept {}
};

/// Refuses names that the format cannot carry unchanged.
struct reject : replace {
    static constexpr bool refuse_changes = true;
};

/// Like replace, but a dot in a dimension becomes `_` instead of adding a level to the path.
struct flat_dimensions : replace {
    static void rewrite(name_field f, std::string& name) noexcept {
        if (f == name_field::dimension) {
            for (char& c : name) {
                c = c == '.' ? '_' : c;
            }
        }
    }
};

namespace detail {
constexpr bool is_alphanumeric(char c) noexcept {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/// Dotted paths over a small alphabet: letters, digits, `_`, `-`, `.` and `Extra`. Any other byte
/// becomes `_`, and so does an empty component, since receivers collapse `..`. `Tags` decides on
/// the two tag fields: `keeps(f, c)` and `reserved(f, text)`.
template <char Extra, class Tags>
struct path_spelling {
    static constexpr bool in_name(name_field f, char c) noexcept {
        if (f == name_field::tag_name || f == name_field::tag_value) {
            return Tags::keeps(f, c);
        }
        return is_alphanumeric(c) || c == '_' || c == '-' || c == '.' || (Extra != 0 && c == Extra);
    }

    static bool spell(name_field f, std::string_view raw, std::string& out) {
        const std::size_t start = out.size();
        bool same = true;
        bool empty_component = true;
        for (const char c : raw) {
            const bool kept = in_name(f, c);
            if (c == '.' && empty_component && is_path(f)) {
                append(out, '_');
                same = false;
            }
            append(out, kept ? c : '_');
            same = same && kept;
            empty_component = c == '.';
        }
        if (raw.empty() || (empty_component && is_path(f))) {
            append(out, '_');
            same = false;
        }
        if (!is_path(f) && Tags::reserved(f, std::string_view{out}.substr(start))) {
            // `~x` and `name` stay readable as `_x` and `_name`.
            if (f == name_field::tag_name) {
                out.insert(start, 1, '_');
            } else {
                out[start] = '_';
            }
            same = false;
        }
        return same;
    }

    static std::size_t scan(name_field f, std::string_view text) noexcept {
        std::size_t n = 0;
        while (n < text.size() && in_name(f, text[n])) {
            ++n;
        }
        return n;
    }

    static bool accepts(name_field f, std::string_view text) noexcept {
        if (text.empty() || scan(f, text) != text.size()) {
            return false;
        }
        if (!is_path(f)) {
            return !Tags::reserved(f, text);
        }
        return text.front() != '.' && text.back() != '.' &&
               text.find("..") == std::string_view::npos;
    }

    static std::size_t longest_component(std::string_view path) noexcept {
        std::size_t longest = 0;
        std::size_t length = 0;
        for (const char c : path) {
            length = c == '.' ? 0 : length + 1;
            longest = longest < length ? length : longest;
        }
        return longest;
    }

private:
    static constexpr bool is_path(name_field f) noexcept {
        return f != name_field::tag_name && f != name_field::tag_value;
    }
};
}  // namespace detail

}  // namespace backends
