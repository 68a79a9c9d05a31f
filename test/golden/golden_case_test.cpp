// SPDX-License-Identifier: BSL-1.0
#include "golden_case.hpp"

#include "catch.hpp"

#include <sstream>
#include <string>

using golden::case_reader;
using golden::malformed_case;

TEST_CASE("every key of a case is read, and begins at its default in the next") {
    std::istringstream in{
        "# a comment\ncase one\nprefix p x\nhostname h\nchart a b\ndim d1\nupdate_every 10\n"
        "entries 7\nlast 100\nafter -5\nbefore 90\ncollected_time 99\n"
        "collected_value -9223372036854775808\nvalues - 1.5 nan -inf\nend\n\ncase two\nend\n"};
    case_reader cases{in};
    const auto one = cases.next();
    REQUIRE(one);
    CHECK(one->name == "one");
    CHECK(one->prefix == "p x");
    CHECK(one->chart == "a b");
    CHECK(one->update_every == 10);
    CHECK(one->entries == 7);
    CHECK(one->after == -5);
    CHECK(one->collected_value == INT64_MIN);
    REQUIRE(one->values.size() == 4);
    CHECK_FALSE(one->values[0]);
    CHECK(one->values[1] == 1.5);
    const auto two = cases.next();
    REQUIRE(two);
    CHECK(two->prefix == "netdata");
    CHECK(two->entries == 5);
    CHECK(two->values.empty());
    CHECK_FALSE(cases.next());
}

TEST_CASE("what is not a case is refused with the number of its line") {
    const auto refusal = [](const std::string& text) -> std::string {
        std::istringstream in{text};
        case_reader cases{in};
        try {
            while (cases.next()) {}
        } catch (const malformed_case& error) {
            const std::string what = error.what();
            return what.substr(0, what.find(':'));
        }
        return "accepted";
    };
    CHECK(refusal("case a\nend\n") == "accepted");
    CHECK(refusal("prefix p\n") == "line 1");
    CHECK(refusal("end\n") == "line 1");
    CHECK(refusal("case\n") == "line 1");
    CHECK(refusal("case a\n\n# x\ncase b\n") == "line 4");
    CHECK(refusal("case a\nend now\n") == "line 2");
    CHECK(refusal("case a\nlast 5\n") == "line 3");
    CHECK(refusal("case a\nprefix\nend\n") == "line 2");
    CHECK(refusal("case a\nbefor 5\nend\n") == "line 2");
    for (const std::string line :
         {"update_every 0", "update_every -1", "update_every x", "update_every", "update_every 1x",
          "update_every 1 2", "entries 0", "last -1", "last 9223372036854775808", "before 1.5",
          "collected_value 1e3", "collected_value 9223372036854775808", "values 1 x", "values 1,2",
          "values 1\t2", "values 1e999", "values 0x10", "values +1", "values --1"}) {
        CAPTURE(line);
        CHECK(refusal("case a\n" + line + "\nend\n") == "line 2");
    }
}
