// SPDX-License-Identifier: BSL-1.0
//
// The spelling of names for Prometheus: metrics and labels of its alphabet, values in UTF-8.
#pragma once

#include <backends/core/joined.hpp>
#include <backends/format/safe_name.hpp>
#include <backends/format/utf8_text.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace backends::inline BACKENDS_ISA {

/// `[a-zA-Z_:][a-zA-Z0-9_:]*` for metrics, the same without colons for the names of labels, UTF-8
/// for a hostname and the values of labels. Any other byte becomes `_`; `_` precedes a digit at the
/// beginning of a prefix, of a chart, and of a label's name; `instance` and `__name__` become
/// `_instance` and `___name__` as names of labels.
struct prometheus_spelling {
    /// True if a byte may occur in a name, judged by this byte alone.
    static constexpr bool in_name(name_field f, char c) noexcept {
        return is_value(f) || detail::is_alphanumeric(c) || c == '_' ||
               (c == ':' && f != name_field::tag_name);
    }

    static bool spell(name_field f, std::string_view raw, std::string& out) {
        if (is_value(f)) {
            return detail::utf8_value::spell(raw, out);
        }
        const std::size_t start = out.size();
        bool same = true;
        for (const char c : raw) {
            const bool kept = in_name(f, c);
            detail::append(out, kept ? c : '_');
            same = same && kept;
        }
        if (!accepts(f, std::string_view{out}.substr(start))) {
            out.insert(start, 1, '_');
            same = false;
        }
        return same;
    }

    static std::size_t scan(name_field f, std::string_view text) noexcept {
        if (is_value(f)) {
            return detail::utf8_value::scan(text);
        }
        std::size_t n = 0;
        while (n < text.size() && in_name(f, text[n])) {
            ++n;
        }
        return n;
    }

    static bool accepts(name_field f, std::string_view text) noexcept {
        return !text.empty() && scan(f, text) == text.size() &&
               !(begins(f) && is_digit(text.front())) &&
               !(f == name_field::tag_name && is_reserved(text));
    }

    /// A metric's name has no components.
    static std::size_t longest_component(std::string_view text) noexcept { return text.size(); }

private:
    static constexpr bool is_value(name_field f) noexcept {
        return f == name_field::hostname || f == name_field::tag_value;
    }
    static constexpr bool begins(name_field f) noexcept {
        return f == name_field::prefix || f == name_field::chart || f == name_field::tag_name;
    }
    static constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
    static constexpr bool is_reserved(std::string_view name) noexcept {
        return name == "instance" || name == "__name__";
    }
};

static_assert(name_spelling<prometheus_spelling>);

}  // namespace backends
