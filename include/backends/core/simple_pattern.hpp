// SPDX-License-Identifier: BSL-1.0
//
// Simple patterns, as netdata has them: words with blanks between them, in order; the first one
// that matches a name decides on it. A word after `!` takes the name out. `*` stands for any bytes.
#pragma once

#include <backends/core/joined.hpp>
#include <backends/isa.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace backends::inline BACKENDS_ISA {

/// A choice of names: `!*.idle system.* disk.*`. A value; matches() may be called by many threads.
///
/// A backslash takes the meaning from a blank, `*`, `!` or backslash after it.
class simple_pattern {
public:
    /// Matches every name.
    simple_pattern() : simple_pattern{"*"} {}
    /// Precondition: why_not(text) is empty. Copies the text.
    explicit simple_pattern(std::string_view text) : text_{detail::string_of(text)} {}

    /// Why the text is no pattern; empty if it is one.
    [[nodiscard]] static constexpr std::string_view why_not(std::string_view text) noexcept {
        bool has_words = false;
        bool begins = true;
        for (std::size_t i = 0; i < text.size(); ++i) {
            const char c = text[i];
            if (is_blank(c)) {
                begins = true;
                continue;
            }
            if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
                return "a pattern has no control characters";
            }
            if (c == ',') {
                return "blanks, not commas, stand between two patterns";
            }
            if (c == '\\' && ++i == text.size()) {
                return "a \\ stands before the byte that it takes the meaning from";
            }
            if (c == '!' && begins && (i + 1 == text.size() || is_blank(text[i + 1]))) {
                return "a ! stands before the pattern that it takes out, without a blank";
            }
            begins = false;
            has_words = true;
        }
        return has_words ? "" : "matches nothing; * matches everything";
    }

    /// Whether the first word that matches the name takes it in; false if none does. Cost: some
    /// comparisons for each word.
    [[nodiscard]] bool matches(std::string_view name) const noexcept {
        std::string_view rest = text_;
        for (;;) {
            while (!rest.empty() && is_blank(rest.front())) {
                rest.remove_prefix(1);
            }
            if (rest.empty()) {
                return false;
            }
            const bool takes_out = rest.front() == '!';
            rest.remove_prefix(takes_out ? 1U : 0U);
            const std::size_t size = first_word(rest);
            if (fits(rest.substr(0, size), name)) {
                return !takes_out;
            }
            rest.remove_prefix(size);
        }
    }

private:
    static constexpr bool is_blank(char c) noexcept { return c == ' ' || c == '\t'; }
    /// Whether the byte takes the meaning from the next one.
    static constexpr bool is_escape(std::string_view text, std::size_t i) noexcept {
        return text[i] == '\\' && i + 1 < text.size();
    }

    static std::size_t first_word(std::string_view text) noexcept {
        std::size_t i = 0;
        while (i < text.size() && !is_blank(text[i])) {
            i += is_escape(text, i) ? 2U : 1U;
        }
        return i;
    }

    /// The last `*` alone takes more bytes when what is after it does not fit: the first place of
    /// the words between two stars leaves the most to those after them.
    static bool fits(std::string_view word, std::string_view name) noexcept {
        std::size_t w = 0;
        std::size_t n = 0;
        std::size_t after_star = std::string_view::npos;
        std::size_t taken = 0;  // the star takes the name up to here
        for (;;) {
            if (w < word.size() && word[w] == '*') {
                after_star = ++w;
                taken = n;
            } else if (w == word.size() && n == name.size()) {
                return true;
            } else if (w < word.size() && is_next(word, w, name, n)) {
                w += is_escape(word, w) ? 2U : 1U;
                ++n;
            } else if (after_star == std::string_view::npos || taken == name.size()) {
                return false;
            } else {
                w = after_star;
                n = ++taken;
            }
        }
    }
    static bool is_next(std::string_view word, std::size_t w, std::string_view name,
                        std::size_t n) noexcept {
        return n < name.size() && word[w + (is_escape(word, w) ? 1U : 0U)] == name[n];
    }

    std::string text_;
};

}  // namespace backends
