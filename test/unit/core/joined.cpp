// SPDX-License-Identifier: BSL-1.0
#include <backends/core/joined.hpp>

#include "catch.hpp"

#include <cstdint>
#include <string>
#include <string_view>

using backends::detail::append;
using backends::detail::joined;
using backends::detail::number_text;
using backends::detail::string_of;
using namespace std::string_literals;
using namespace std::string_view_literals;

TEST_CASE("texts follow each other, and empty ones leave no trace") {
    CHECK(joined({}).empty());
    CHECK(joined({"queue", "", " = ", "7"}) == "queue = 7");
    std::string text = "a";
    append(text, {"b", "c"});
    append(text, 'd');
    CHECK(text == "abcd");
    CHECK(string_of("a\0b"sv) == "a\0b"s);
    CHECK(string_of({}).empty());
}

TEST_CASE("numbers at the ends of their types keep every digit and the sign") {
    CHECK(number_text(0) == "0");
    CHECK(number_text(-1) == "-1");
    CHECK(number_text(INT64_MIN) == "-9223372036854775808");
    CHECK(number_text(INT64_MAX) == "9223372036854775807");
    CHECK(number_text(UINT64_MAX) == "18446744073709551615");
    CHECK(number_text(std::uint8_t{255}) == "255");
}
