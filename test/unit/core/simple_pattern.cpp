// SPDX-License-Identifier: BSL-1.0
#include <backends/core/simple_pattern.hpp>

#include "catch.hpp"

#include <string_view>

using namespace backends;

namespace {

bool matches(std::string_view pattern, std::string_view name) {
    INFO(pattern);
    REQUIRE(simple_pattern::why_not(pattern) == "");
    return simple_pattern{pattern}.matches(name);
}

}  // namespace

TEST_CASE("a word without a star matches the name alone") {
    CHECK(matches("system.cpu", "system.cpu"));
    CHECK_FALSE(matches("system.cpu", "system.cpu0"));
    CHECK_FALSE(matches("system.cpu", "a system.cpu"));
    CHECK_FALSE(matches("system.cpu", "SYSTEM.CPU"));
    CHECK_FALSE(matches("system.cpu", ""));
}

TEST_CASE("a star stands for any bytes, or none") {
    CHECK(matches("*", ""));
    CHECK(matches("*", "anything at all"));
    CHECK(matches("disk.*", "disk."));
    CHECK(matches("disk.*", "disk.sda"));
    CHECK_FALSE(matches("disk.*", "disk"));
    CHECK(matches("*.idle", "cpu.idle"));
    CHECK_FALSE(matches("*.idle", "cpu.idle2"));
    CHECK(matches("a*b*c", "abc"));
    CHECK(matches("a*b*c", "a b b c c"));
    CHECK_FALSE(matches("a*b*c", "acb"));
    CHECK(matches("**a**", "bab"));
}

TEST_CASE("parts of a name serve one part of the word each") {
    CHECK_FALSE(matches("ab*b", "ab"));
    CHECK(matches("ab*b", "abb"));
    CHECK_FALSE(matches("*aa*aa*", "aaa"));
    CHECK(matches("*aa*aa*", "aaaa"));
}

TEST_CASE("the first word that matches decides") {
    CHECK_FALSE(matches("!*.idle *", "cpu.idle"));
    CHECK(matches("!*.idle *", "cpu.user"));
    CHECK(matches("cpu.idle !*.idle *", "cpu.idle"));
    CHECK(matches("* !*.idle", "cpu.idle"));
    CHECK_FALSE(matches("!a", "b"));
    CHECK(matches("\t a   b ", "b"));
}

TEST_CASE("a backslash takes a byte's meaning") {
    CHECK(matches("a\\ b", "a b"));
    CHECK(matches("a\\*", "a*"));
    CHECK_FALSE(matches("a\\*", "ab"));
    CHECK(matches("\\!a", "!a"));
    CHECK(matches("a!", "a!"));
    CHECK(matches("a\\\\", "a\\"));
}

TEST_CASE("without a pattern every name matches") { CHECK(simple_pattern{}.matches("x")); }

TEST_CASE("what is no pattern is told") {
    CHECK(simple_pattern::why_not("") == "matches nothing; * matches everything");
    CHECK(simple_pattern::why_not(" \t") == "matches nothing; * matches everything");
    CHECK(simple_pattern::why_not("a !").starts_with("a ! stands before"));
    CHECK(simple_pattern::why_not("! a").starts_with("a ! stands before"));
    CHECK(simple_pattern::why_not("a\\").starts_with("a \\ stands before"));
    CHECK(simple_pattern::why_not("a,b").starts_with("blanks, not commas"));
    CHECK(simple_pattern::why_not("a\nb").starts_with("a pattern has no control"));
}
