// SPDX-License-Identifier: BSL-1.0
#include <backends/storage/row_tiles.hpp>

#include "catch.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <new>
#include <random>
#include <set>
#include <utility>
#include <vector>

namespace detail = backends::detail;
using backends::row_space;
using backends::row_tiles;

namespace {

constexpr std::uint32_t gap = 7;

std::size_t words_between(const std::uint32_t* from, const std::uint32_t* to) {
    return static_cast<std::size_t>(to - from);
}

}  // namespace

TEST_CASE("rows are filled with gaps, and no two share a word") {
    std::mt19937 random{1};
    row_tiles<std::uint32_t> tiles;
    std::set<const std::uint32_t*> taken;
    for (int n = 0; n < 400; ++n) {
        const std::size_t rows = std::initializer_list<std::size_t>{1, 3, 60}.begin()[random() % 3];
        const std::size_t width = n % 50 == 0 ? 600 : random() % 20 + 1;
        const row_space<std::uint32_t> space = tiles.take(rows, width, gap);
        REQUIRE(space.stride >= width);
        for (std::size_t row = 0; row < rows; ++row) {
            for (std::size_t i = 0; i < width; ++i) {
                std::uint32_t* const word = space.first + row * space.stride + i;
                REQUIRE(*word == gap);
                REQUIRE(taken.insert(word).second);
                *word = 0;
            }
        }
    }
}

TEST_CASE("rings of as many rows lie side by side") {
    row_tiles<std::uint32_t> tiles;
    for (int n = 0; n < 16; ++n) {
        REQUIRE(tiles.take(60, 10, gap).stride == 10);  // few: a tile each
    }
    const auto one = tiles.take(60, 10, gap);  // an eighth of 160 words
    const auto other = tiles.take(61, 10, gap);
    const auto next = tiles.take(60, 10, gap);
    REQUIRE(one.stride == 20);
    REQUIRE(next.stride == 20);
    REQUIRE(other.stride == 10);
    REQUIRE(words_between(one.first, next.first) == 10);
}

TEST_CASE("rings of many different lengths get their rows too") {
    row_tiles<std::uint32_t> tiles;
    for (int round = 0; round < 3; ++round) {
        for (std::size_t rows = 1; rows <= 20; ++rows) {
            const auto space = tiles.take(rows, 2, gap);
            REQUIRE(space.first[(rows - 1) * space.stride + 1] == gap);
            space.first[(rows - 1) * space.stride + 1] = 0;
        }
    }
}

TEST_CASE("tiles become wide, and no wider than is good for a cache") {
    row_tiles<std::uint32_t> tiles;
    std::size_t widest = 0;
    for (int n = 0; n < 1'000; ++n) {
        widest = tiles.take(4, 10, gap).stride;
    }
    REQUIRE(widest == 500);  // fifty of them
    REQUIRE(tiles.take(4, 2'000, gap).stride == 2'000);
}

TEST_CASE("the tiles of many rings are cut out of large pages") {
    constexpr std::size_t rows = 60;
    constexpr std::size_t words = 8 * backends::detail::huge_page / sizeof(double);
    row_tiles<double> tiles;
    std::set<const double*> ends;
    std::size_t behind_another = 0;
    std::size_t elsewhere = 0;
    const double* in_this_tile = nullptr;
    for (std::size_t n = 0; n < words; n += rows * 10) {
        const row_space<double> space = tiles.take(rows, 10, 0.0);
        REQUIRE(space.first[(rows - 1) * space.stride + 9] == 0.0);
        if (space.first != in_this_tile) {
            const bool is_behind_another = ends.count(space.first) != 0;
            behind_another += is_behind_another && n > words / 4 ? 1 : 0;
            elsewhere += !is_behind_another && n > words / 4 ? 1 : 0;
            ends.insert(space.first + rows * space.stride);
        }
        in_this_tile = space.first + 10;
    }
    CHECK(elsewhere <= 6);
    CHECK(behind_another >= 6 * elsewhere);
}

TEST_CASE("more rows than any memory has are refused before it is asked") {
    row_tiles<double> tiles;
    // 504 times SIZE_MAX / 8 + 1 is a multiple of 2^64, and would look like no words at all.
    for (const std::size_t rows :
         {SIZE_MAX, SIZE_MAX - 5, SIZE_MAX / 8, SIZE_MAX / 8 + 1, SIZE_MAX / 16 + 1}) {
        CHECK_THROWS_AS(tiles.take(rows, 1, 0.0), std::bad_array_new_length);
        CHECK_THROWS_AS(tiles.take(rows, 504, 0.0), std::bad_array_new_length);
    }
    CHECK_THROWS_AS(tiles.take(SIZE_MAX / 16 / 504 + 1, 504, 0.0), std::bad_array_new_length);
    const row_space<double> space = tiles.take(60, 10, 1.0);
    CHECK(space.first[0] == 1.0);
}

TEST_CASE("a tile of large pages of its own leaves the block of small ones as it is") {
    constexpr std::size_t page = backends::detail::huge_page / sizeof(double);
    row_tiles<double> tiles;
    static_cast<void>(tiles.take(page, 1, 0.0));
    const row_space<double> small = tiles.take(10, 1, 0.0);
    static_cast<void>(tiles.take(page + 1, 1, 0.0));
    CHECK(tiles.take(11, 1, 0.0).first == small.first + 10 * small.stride);
}

TEST_CASE("rows that are given back are used again, and no two share a word") {
    std::mt19937 random{1};
    row_tiles<std::uint32_t> tiles;
    struct taken {
        row_space<std::uint32_t> space;
        std::size_t rows;
        std::size_t width;
        std::uint32_t mark;
    };
    std::vector<taken> all;
    std::uint32_t next = 100;
    std::size_t most = 0;
    std::size_t max_words = 0;
    const auto each_word = [](const taken& one, auto visit) {
        for (std::size_t row = 0; row < one.rows; ++row) {
            for (std::size_t i = 0; i < one.width; ++i) {
                visit(one.space.first[row * one.space.stride + i]);
            }
        }
    };
    const auto give = [&](std::size_t i) {
        const taken one = all[i];
        std::swap(all[i], all.back());
        all.pop_back();
        each_word(one, [&](std::uint32_t word) { REQUIRE(word == one.mark); });
        tiles.give(one.space, one.rows, one.width);
    };
    for (int step = 0; step < 30'000; ++step) {
        const bool grows = step / 3000 % 2 == 0;
        if (all.empty() || random() % 8 < (grows ? 5U : 3U)) {
            const std::size_t rows =
                std::initializer_list<std::size_t>{1, 3, 60}.begin()[random() % 3];
            const std::size_t width = random() % 100 == 0 ? 600 : random() % 20 + 1;
            const taken one{tiles.take(rows, width, gap), rows, width, next++};
            each_word(one, [](std::uint32_t word) { REQUIRE(word == gap); });
            each_word(one, [&](std::uint32_t& word) { word = one.mark; });
            all.push_back(one);
        } else {
            give(random() % all.size());
        }
        std::size_t words = 0;
        if (step % 500 == 0) {
            for (const taken& one : all) {
                words += one.rows * one.width;
            }
            most = std::max(most, words);
            max_words = std::max(max_words, tiles.words());
        }
    }
    CHECK(max_words < 3 * most + detail::huge_page);
    while (!all.empty()) {
        give(random() % all.size());
    }
    CHECK(tiles.words() == 0);
}

TEST_CASE("charts that come and go at any widths take no more memory in the end than at first") {
    row_tiles<double> tiles;
    std::vector<std::pair<row_space<double>, std::size_t>> all;
    const auto width_of = [](std::size_t n) { return 1 + n * 7 % 23; };
    for (std::size_t n = 0; n < 3'000; ++n) {
        all.emplace_back(tiles.take(8, width_of(n), 0.0), width_of(n));
    }
    const std::size_t before = tiles.words();
    for (std::size_t n = 0; n < 200'000; ++n) {
        auto& [space, width] = all[n * 7919 % all.size()];
        tiles.give(space, 8, width);
        width = width_of(n);
        space = tiles.take(8, width, 0.0);
    }
    CHECK(tiles.words() <= before + before / 2);
}

TEST_CASE("the tiles of small rings go back to the pages that they were cut out of") {
    constexpr std::size_t page = detail::huge_page / sizeof(double);
    row_tiles<double> tiles;
    std::vector<row_space<double>> all;
    while (tiles.words() < 6 * page) {
        all.push_back(tiles.take(60, 10, 0.0));
    }
    for (const auto& space : all) {
        tiles.give(space, 60, 10);
    }
    CHECK(tiles.words() == 0);
}
