// SPDX-License-Identifier: BSL-1.0
#include <backends/core/labels.hpp>

#include "catch.hpp"

#include <string>
#include <vector>

using namespace backends;

TEST_CASE("labels are read back in the order of their names, whatever bytes they have") {
    const std::vector<tag> given{{"z", std::string{"\0\n", 2}}, {"", "x"}, {"a", ""}};
    const std::string packed = detail::pack(given);
    std::vector<tag> read;
    for (const label one : label_list{packed}) {
        read.emplace_back(std::string{one.name}, std::string{one.value});
    }
    REQUIRE(read.size() == 3);
    CHECK(read[0].value == "x");
    CHECK(read[1].name == "a");
    CHECK(read[1].value.empty());
    CHECK(read[2].value == given[0].value);
}

TEST_CASE("lists are equal if their labels are, in any order") {
    const std::string one = detail::pack({{"a", "1"}, {"b", "2"}});
    const std::string other = detail::pack({{"b", "2"}, {"a", "1"}});
    const std::string third = detail::pack({{"a", "12"}, {"b", ""}});
    CHECK(label_list{one} == label_list{other});
    CHECK_FALSE(label_list{one} == label_list{third});
    CHECK(label_list{}.empty());
    CHECK(detail::pack({}).empty());
}
