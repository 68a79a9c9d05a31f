// SPDX-License-Identifier: BSL-1.0
#include <backends/format/json_text.hpp>

#include "catch.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <random>
#include <string>
#include <string_view>

namespace {

using namespace std::string_view_literals;
using backends::json_spelling;
using backends::name_field;

constexpr std::string_view bad = "\xef\xbf\xbd";  // U+FFFD

std::string spelled(std::string_view raw, bool* same = nullptr) {
    std::string out;
    const bool kept = json_spelling::spell(name_field::chart, raw, out);
    if (same != nullptr) {
        *same = kept;
    }
    return out;
}

// What another JSON parser reads; it refuses text that is not UTF-8.
std::string read_by_boost(std::string_view text) {
    const std::string quoted = '"' + std::string{text} + '"';
    return std::string{boost::json::parse(quoted).as_string()};
}

// The Unicode standard's substitution of maximal subparts, by looking at what whole characters
// there are: a character is what decodes to a code point that encodes to the same bytes again.
std::string encode(unsigned code) {
    std::string out;
    if (code < 0x80) {
        out += static_cast<char>(code);
    } else if (code < 0x800) {
        out += static_cast<char>(0xc0 | code >> 6);
        out += static_cast<char>(0x80 | (code & 63));
    } else if (code < 0x10000) {
        out += static_cast<char>(0xe0 | code >> 12);
        out += static_cast<char>(0x80 | (code >> 6 & 63));
        out += static_cast<char>(0x80 | (code & 63));
    } else {
        out += static_cast<char>(0xf0 | code >> 18);
        out += static_cast<char>(0x80 | (code >> 12 & 63));
        out += static_cast<char>(0x80 | (code >> 6 & 63));
        out += static_cast<char>(0x80 | (code & 63));
    }
    return out;
}

}  // namespace

TEST_CASE("quotes, backslashes and control bytes are escaped, the rest of ASCII is not") {
    CHECK(spelled("a\"b\\c/d") == "a\\\"b\\\\c/d");
    CHECK(spelled("\b\f\n\r\t") == "\\b\\f\\n\\r\\t");
    CHECK(spelled("\0\x01\x1f\x7f"sv) == "\\u0000\\u0001\\u001f\x7f");
    CHECK(spelled("") == "");
}

TEST_CASE("valid UTF-8 stays as it is") {
    for (const auto* text : {"\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xed\x9f\xbf",
                             "\xee\x80\x80", "\xf4\x8f\xbf\xbf", "\xe2\x80\xa8"}) {
        bool same = false;
        CHECK(spelled(text, &same) == text);
        CHECK(same);
    }
}

TEST_CASE("every code point is kept, every surrogate is not") {
    for (unsigned code = 0x80; code < 0x110000; ++code) {
        const bool surrogate = code >= 0xd800 && code < 0xe000;
        bool same = false;
        const std::string raw = encode(code);
        const std::string out = spelled(raw, &same);
        if (same == surrogate || (out == raw) == surrogate) {
            FAIL(std::hex << code);
        }
    }
}

TEST_CASE("what is not UTF-8 becomes U+FFFD, one for each maximal subpart") {
    const auto replaced = [](std::string_view raw, std::size_t times) {
        bool same = true;
        std::string expected;
        for (std::size_t i = 0; i < times; ++i) {
            expected += bad;
        }
        CHECK(spelled(raw, &same) == expected);
        CHECK_FALSE(same);
    };
    replaced("\x80", 1);                  // continuation alone
    replaced("\xff\xfe", 2);              // never in UTF-8
    replaced("\xc0\x80", 2);              // overlong NUL
    replaced("\xc1\xbf", 2);              // overlong DEL
    replaced("\xe0\x80\x80", 3);          // overlong, three bytes
    replaced("\xe0\x9f\xbf", 3);          // overlong, the last one
    replaced("\xf0\x80\x80\x80", 4);      // overlong, four bytes
    replaced("\xf0\x8f\xbf\xbf", 4);      // overlong, the last one
    replaced("\xed\xa0\x80", 3);          // high surrogate
    replaced("\xed\xbf\xbf", 3);          // low surrogate
    replaced("\xf4\x90\x80\x80", 4);      // above U+10FFFF
    replaced("\xf5\x80\x80\x80", 4);      // above U+10FFFF
    replaced("\xe2\x82", 1);              // cut after two of three
    replaced("\xf0\x9f\x98", 1);          // cut after three of four
    replaced("\xf0\x9f\xf0\x9f\x98", 2);  // cut, and cut again
}

TEST_CASE("the Unicode standard's example is replaced as the standard replaces it") {
    // Table 3-8: 61 F1 80 80 E1 80 C2 62 80 63 80 BF 64.
    const std::string f{bad};
    CHECK(spelled("\x61\xf1\x80\x80\xe1\x80\xc2\x62\x80\x63\x80\xbf\x64") ==
          "a" + f + f + f + "b" + f + "c" + f + f + "d");
}

TEST_CASE("every pair of bytes is read by another parser as it was or with U+FFFD") {
    for (int first = 0; first < 256; ++first) {
        for (int second = 0; second < 256; ++second) {
            const std::string raw{static_cast<char>(first), static_cast<char>(second)};
            bool same = false;
            const std::string out = spelled(raw, &same);
            const std::string read = read_by_boost(out);
            const auto ours = backends::json_unescape(out);
            if ((read == raw) != same || !ours || *ours != read) {
                FAIL(first << ' ' << second);
            }
        }
    }
}

TEST_CASE("random bytes are one valid string, and unescape as another parser reads them") {
    std::mt19937 random{5};
    for (int i = 0; i < 100'000; ++i) {
        std::string raw;
        for (std::size_t n = random() % 12; n > 0; --n) {
            // Mostly the bytes that matter: leads, continuations, escapes.
            static constexpr std::string_view likely =
                "\xe0\xa0\x80\xed\x9f\xbf\xf0\x90\xf4\x8f\xc2\"\\\nu0a";
            raw +=
                random() % 4 == 0 ? static_cast<char>(random()) : likely[random() % likely.size()];
        }
        const std::string out = spelled(raw);
        const auto ours = backends::json_unescape(out);
        if (!json_spelling::accepts(name_field::chart, out) || !ours ||
            *ours != read_by_boost(out)) {
            FAIL(out);
        }
    }
}

TEST_CASE("what the spelling cannot have written is not unescaped") {
    for (const auto text : {"\""sv, "\\"sv, "\\x"sv, "\\/"sv, "\\u"sv, "\\u00"sv, "\\u0041"sv,
                            "\\u000a"sv, "\\u001F"sv, "\\u0020"sv, "a\nb"sv, "\0"sv, "\xff"sv,
                            "\xc0\x80"sv, "\xed\xa0\x80"sv, "\xe2\x82"sv, "\\ud83d"sv}) {
        CAPTURE(text);
        CHECK_FALSE(backends::json_unescape(text).has_value());
    }
    CHECK(backends::json_unescape("a\\u001fb\\n") == std::string{"a\x1f"
                                                                 "b\n"});
}
