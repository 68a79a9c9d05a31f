// SPDX-License-Identifier: BSL-1.0
#include <backends/core/errors.hpp>

#include "catch.hpp"

#include <string>

using backends::config_error;
using backends::errc;

TEST_CASE("an error of configuration names the key, the value and the reason") {
    const config_error e{"update every", "abc", "not a whole number"};
    CHECK(std::string{e.what()} == "update every = abc: not a whole number");
    CHECK(e.key() == "update every");
    CHECK(e.value() == "abc");
}

TEST_CASE("a hostile value leaves the message one short line") {
    const std::string value(70'000, '\n');
    const config_error e{"prefix", value, "too long"};
    CHECK(std::string{e.what()}.find('\n') == std::string::npos);
    CHECK(std::string{e.what()}.size() < 200);
    CHECK(e.value() == value);
}

TEST_CASE("every code has a message of its own") {
    for (int code = 1; code <= static_cast<int>(errc::stopped); ++code) {
        const std::error_code error = static_cast<errc>(code);
        CHECK(error.category() == backends::error_category());
        CHECK(error.message() != "unknown error");
    }
    CHECK(std::error_code{99, backends::error_category()}.message() == "unknown error");
}
