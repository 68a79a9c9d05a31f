// SPDX-License-Identifier: BSL-1.0
//
// A pattern and names: whether it matches, against a matcher that tries every way to divide a name.
#include <backends/core/simple_pattern.hpp>

#include "fuzz/harness.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace {

using fuzz::require;

// A byte of a pattern, or a star.
struct token {
    char byte;
    bool is_star;
};
struct word {
    std::vector<token> tokens;
    bool takes_out = false;
};

// The words of a pattern; `good` says whether it is one.
std::vector<word> words_of(std::string_view text, bool& good) {
    std::vector<word> all;
    good = true;
    while (!text.empty()) {
        if (text[0] == ' ' || text[0] == '\t') {
            text.remove_prefix(1);
            continue;
        }
        word one;
        if (text[0] == '!') {
            one.takes_out = true;
            text.remove_prefix(1);
            good = good && !text.empty() && text[0] != ' ' && text[0] != '\t';
        }
        while (!text.empty() && text[0] != ' ' && text[0] != '\t') {
            const auto code = static_cast<unsigned char>(text[0]);
            good = good && text[0] != ',' && code >= 0x20 && code != 0x7f;
            const bool is_escape = text[0] == '\\';
            good = good && (!is_escape || text.size() > 1);
            if (is_escape && text.size() > 1) {
                text.remove_prefix(1);
            }
            one.tokens.push_back({text[0], !is_escape && text[0] == '*'});
            text.remove_prefix(1);
        }
        all.push_back(one);
    }
    good = good && !all.empty();
    return all;
}

bool matches(const token* at, const token* end, std::string_view name) {
    if (at == end) {
        return name.empty();
    }
    if (at->is_star) {
        return matches(at + 1, end, name) || (!name.empty() && matches(at, end, name.substr(1)));
    }
    return !name.empty() && name[0] == at->byte && matches(at + 1, end, name.substr(1));
}

bool matches(const std::vector<word>& words, std::string_view name) {
    for (const word& one : words) {
        if (matches(one.tokens.data(), one.tokens.data() + one.tokens.size(), name)) {
            return !one.takes_out;
        }
    }
    return false;
}

// Mostly of few bytes, so that patterns match now and then.
std::string text_of(fuzz::decisions& in, std::string_view bytes, unsigned longest) {
    std::string text;
    for (unsigned n = in.up_to(longest); n != 0; --n) {
        const unsigned which = in.up_to(255);
        text += which < 250 ? bytes[which % bytes.size()] : static_cast<char>(in.up_to(255));
    }
    return text;
}

}  // namespace

int fuzz::run(const std::uint8_t* data, std::size_t size) {
    decisions in{data, size};
    const std::string pattern = text_of(in, "ab*ab* !\\", 14);
    bool good = false;
    const std::vector<word> words = words_of(pattern, good);
    const std::string_view why = backends::simple_pattern::why_not(pattern);
    require(why.empty() == good, "a pattern or none", pattern);
    if (!good) {
        return 0;
    }
    const backends::simple_pattern tried{pattern};
    for (unsigned names = 4; names != 0; --names) {
        const std::string name = text_of(in, "abab !*\\", 10);
        require(tried.matches(name) == matches(words, name), pattern, name);
    }
    return 0;
}
