// SPDX-License-Identifier: BSL-1.0
#include "sample_line.hpp"

#include "catch.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <variant>

using replay::malformed_sample;
using replay::parse_sample;

TEST_CASE("integers stay integers up to 64 bits, everything else is a double") {
    const auto s = parse_sample("system.cpu user 1700000000 -42");
    CHECK(s.chart == "system.cpu");
    CHECK(s.dimension == "user");
    CHECK(s.at == 1'700'000'000);
    CHECK(std::get<std::int64_t>(s.value) == -42);
    CHECK(std::get<std::uint64_t>(parse_sample("c d 1 18446744073709551615").value) ==
          std::numeric_limits<std::uint64_t>::max());
    CHECK(std::get<double>(parse_sample("c d 1 1.5").value) == 1.5);
    CHECK(std::get<double>(parse_sample("c d 1 18446744073709551616").value) == 0x1p64);
    CHECK(std::get<double>(parse_sample("c d 1 1e3").value) == 1000.0);
}

TEST_CASE("words are separated by any number of blanks and tabs, and CR LF ends a line too") {
    const auto s = parse_sample("  c\t d   5 7\r");
    CHECK(s.chart == "c");
    CHECK(s.dimension == "d");
    CHECK(s.at == 5);
    CHECK(std::get<std::int64_t>(s.value) == 7);
}

TEST_CASE("what is not of the form is refused") {
    for (const std::string line :
         {"",           " ",           "c",          "c d",
          "c d 1",      "c d 1 2 3",   "c d x 2",    "c d 1.5 2",
          "c d 0 2",    "c d -1 2",    "c d 1x 2",   "c d 99999999999999999999 2",
          "c d 1 x",    "c d 1 2x",    "c d 1 nan",  "c d 1 inf",
          "c d 1 -inf", "c d 1 1e999", "c d 1 0x10", "c d 1 +5"}) {
        CAPTURE(line);
        CHECK_THROWS_AS(parse_sample(line), malformed_sample);
    }
}
