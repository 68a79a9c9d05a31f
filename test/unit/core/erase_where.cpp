// SPDX-License-Identifier: BSL-1.0
#include <backends/core/erase_where.hpp>

#include "catch.hpp"

#include <initializer_list>
#include <string>

using backends::detail::erase_where;
using backends::detail::list;

namespace {

template <class T>
list<T> made(std::initializer_list<T> values) {
    list<T> all;
    for (const T& one : values) {
        all.push_back(one);
    }
    return all;
}

std::string joined(const list<std::string>& all) {
    std::string text;
    for (const std::string& one : all) {
        text += one + ' ';
    }
    return text;
}

}  // namespace

TEST_CASE("the elements that stay keep their order and their values") {
    auto all = made<std::string>({"one", "two", "three", "four", "five"});
    CHECK(erase_where(all, [](const std::string& one) { return one.size() == 4; }) == 2);
    CHECK(joined(all) == "one two three ");
    CHECK(erase_where(all, [](const std::string& one) { return one == "one"; }) == 1);
    CHECK(joined(all) == "two three ");
}

TEST_CASE("erasing asks once for each element, and may erase none or all") {
    auto all = made({1, 2, 3});
    int asked = 0;
    CHECK(erase_where(all, [&](int) { return ++asked == 0; }) == 0);
    CHECK(asked == 3);
    CHECK(erase_where(all, [](int) { return true; }) == 3);
    CHECK(all.empty());
    CHECK(erase_where(all, [](int) { return true; }) == 0);
}
