// SPDX-License-Identifier: BSL-1.0
#include <backends/queue/newlines.hpp>

#include "catch.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>

using backends::detail::count_newlines;
using backends::detail::first_line;
using backends::detail::whole_lines;

TEST_CASE("newlines are counted in runs of every length, at every alignment") {
    std::mt19937_64 random{1};
    std::string text(2000, 'x');
    for (char& c : text) {
        c = random() % 5 == 0 ? '\n' : static_cast<char>(random());
    }
    for (std::size_t first = 0; first != 40; ++first) {
        for (std::size_t size = 0; first + size <= text.size(); size += 1 + size / 9) {
            const auto expected =
                std::count(text.begin() + static_cast<std::ptrdiff_t>(first),
                           text.begin() + static_cast<std::ptrdiff_t>(first + size), '\n');
            REQUIRE(count_newlines(text.data() + first, size) ==
                    static_cast<std::uint64_t>(expected));
        }
    }
}

TEST_CASE("a run of nothing but newlines overflows no counter") {
    const std::string text(100'000, '\n');
    CHECK(count_newlines(text.data(), text.size()) == 100'000);
}

TEST_CASE("the first line and the whole lines of a run") {
    const std::string text = "one\ntwo\nthr";
    CHECK(first_line(text.data(), text.size()) == 4);
    CHECK(whole_lines(text.data(), text.size()) == 8);
    CHECK(first_line(text.data(), 3) == 0);
    CHECK(whole_lines(text.data(), 3) == 0);
    CHECK(first_line(nullptr, 0) == 0);
    CHECK(whole_lines(nullptr, 0) == 0);
}
