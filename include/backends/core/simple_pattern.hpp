// SPDX-License-Identifier: BSL-1.0
//
// Simple patterns, as netdata has them: words with blanks between them, in order; the first one
// that matches a name decides on it. A word after `!` takes the name out. `*` stands for any bytes.
#pragma once

#include <backends/isa.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace backends::inline BACKENDS_ISA {

/// A choice of names: `!*.idle system.* disk.*`. A value; matches() may be called by many threads.
///
/// A backslash takes the meaning from a blank, `*`, `!` or backslash after it.
class simple_pattern {
public:
    /// Matches every name.
    simple_pattern() : simple_pattern{"*"} {}
    /// Precondition: why_not(text) is empty. Allocates.
    explicit simple_pattern(std::string_view text) {
        word one;
        bool has_one = false;
        for (std::size_t i = 0; i < text.size(); ++i) {
            const bool is_escape = text[i] == '\\' && i + 1 < text.size();
            i += is_escape ? 1 : 0;
            const char c = text[i];
            if (!is_escape && is_blank(c)) {
                add(one, has_one);
            } else if (!is_escape && c == '!' && !has_one) {
                one.takes_out = has_one = true;
            } else if (!is_escape && c == '*') {
                one.parts.emplace_back();
                has_one = true;
            } else {
                one.parts.back() += c;
                has_one = true;
            }
        }
        add(one, has_one);
    }

    /// Why the text is no pattern; empty if it is one. Allocates then.
    [[nodiscard]] static std::string why_not(std::string_view text) {
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
    /// comparisons for each word. Never throws.
    [[nodiscard]] bool matches(std::string_view name) const noexcept {
        for (const word& one : words_) {
            if (one.matches(name)) {
                return !one.takes_out;
            }
        }
        return false;
    }

private:
    struct word {
        std::vector<std::string> parts =
            std::vector<std::string>(1);  // a `*` stands between two of them
        bool takes_out = false;

        // The first place of a part leaves the most to the parts after it.
        [[nodiscard]] bool matches(std::string_view name) const noexcept {
            if (parts.size() == 1) {
                return name == parts.front();
            }
            if (!name.starts_with(parts.front())) {
                return false;
            }
            name.remove_prefix(parts.front().size());
            for (std::size_t i = 1; i + 1 < parts.size(); ++i) {
                const std::size_t at = name.find(parts[i]);
                if (at == std::string_view::npos) {
                    return false;
                }
                name.remove_prefix(at + parts[i].size());
            }
            return name.ends_with(parts.back());
        }
    };

    static constexpr bool is_blank(char c) noexcept { return c == ' ' || c == '\t'; }

    void add(word& one, bool& has_one) {
        if (has_one) {
            words_.push_back(one);
        }
        one = {};
        has_one = false;
    }

    std::vector<word> words_;
};

}  // namespace backends
