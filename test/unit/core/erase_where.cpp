// SPDX-License-Identifier: BSL-1.0
#include <backends/core/erase_where.hpp>

#include "catch.hpp"

#include <string>
#include <vector>

using backends::detail::erase_where;

TEST_CASE("the elements that stay keep their order and their values") {
    std::vector<std::string> all{"one", "two", "three", "four", "five"};
    CHECK(erase_where(all, [](const std::string& one) { return one.size() == 4; }) == 2);
    CHECK(all == std::vector<std::string>{"one", "two", "three"});
    CHECK(erase_where(all, [](const std::string& one) { return one == "one"; }) == 1);
    CHECK(all == std::vector<std::string>{"two", "three"});
}

TEST_CASE("erasing asks once for each element, and may erase none or all") {
    std::vector<int> all{1, 2, 3};
    int asked = 0;
    CHECK(erase_where(all, [&](int) { return ++asked == 0; }) == 0);
    CHECK(asked == 3);
    CHECK(erase_where(all, [](int) { return true; }) == 3);
    CHECK(all.empty());
    CHECK(erase_where(all, [](int) { return true; }) == 0);
}
