// SPDX-License-Identifier: BSL-1.0
#include <backends/exporter/series_numbers.hpp>

#include <backends/core/list.hpp>

#include "catch.hpp"

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <vector>

using backends::detail::series_numbers;

namespace {

std::vector<std::uint32_t> listed(const series_numbers& all, const series_numbers::place& at) {
    const auto view = all.of(at);
    std::vector<std::uint32_t> out;
    for (std::size_t i = 0; i < at.size; ++i) {
        out.push_back(view[i]);
    }
    return out;
}

template <class Number>
series_numbers::place add(series_numbers& all, std::size_t size, Number number) {
    backends::detail::list<std::uint32_t> done;
    return all.add(size, done, number);
}

}  // namespace

TEST_CASE("every series of a chart has its number, refused ones among them") {
    constexpr auto no = series_numbers::refused;
    series_numbers all;
    std::uint32_t next = 0;
    const auto whole = add(all, 3, [&](std::size_t) { return next++; });
    const auto holed = add(all, 3, [&](std::size_t i) { return i == 1 ? no : next++; });
    const auto none = add(all, 2, [&](std::size_t) { return no; });
    const auto last = add(all, 1, [&](std::size_t) { return next++; });
    CHECK(all.of(whole).is_whole());
    CHECK_FALSE(all.of(holed).is_whole());
    CHECK(all.of(last).is_whole());
    CHECK(listed(all, whole) == std::vector<std::uint32_t>{0, 1, 2});
    CHECK(listed(all, holed) == std::vector<std::uint32_t>{3, no, 4});
    CHECK(listed(all, none) == std::vector<std::uint32_t>{no, no});
    CHECK(listed(all, last) == std::vector<std::uint32_t>{5});
}

TEST_CASE("after an exception each series is numbered once") {
    series_numbers all;
    std::vector<std::size_t> asked;
    const auto number = [&](std::size_t i) {
        if (asked.size() == 2) {
            asked.push_back(i);
            throw std::runtime_error{"no memory"};
        }
        asked.push_back(i);
        return static_cast<std::uint32_t>(i);
    };
    backends::detail::list<std::uint32_t> done;
    CHECK_THROWS(all.add(4, done, number));
    const auto place = all.add(4, done, number);
    CHECK(asked == std::vector<std::size_t>{0, 1, 2, 2, 3});
    CHECK(listed(all, place) == std::vector<std::uint32_t>{0, 1, 2, 3});
}

TEST_CASE("a chart goes on being numbered after others were, and its numbers are its own") {
    series_numbers all;
    std::uint32_t next = 0;
    bool fails = true;
    const auto number = [&](std::size_t i) {
        if (i == 2 && fails) {
            throw std::runtime_error{"no memory"};
        }
        return next++;
    };
    backends::detail::list<std::uint32_t> done;
    CHECK_THROWS(all.add(4, done, number));
    const auto other = add(all, 2, [&](std::size_t) { return next++; });
    fails = false;
    const auto place = all.add(4, done, number);
    CHECK(listed(all, other) == std::vector<std::uint32_t>{2, 3});
    CHECK(listed(all, place) == std::vector<std::uint32_t>{0, 1, 4, 5});
    CHECK_FALSE(all.of(place).is_whole());
}
