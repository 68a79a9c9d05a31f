// SPDX-License-Identifier: BSL-1.0
#include <backends/storage/row_tiles.hpp>

#include "catch.hpp"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <new>
#include <random>
#include <set>
#include <vector>

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
    constexpr std::size_t words = 8 * backends::detail::large_page / sizeof(double);
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
    constexpr std::size_t page = backends::detail::large_page / sizeof(double);
    row_tiles<double> tiles;
    static_cast<void>(tiles.take(page, 1, 0.0));
    const row_space<double> small = tiles.take(10, 1, 0.0);
    static_cast<void>(tiles.take(page + 1, 1, 0.0));
    CHECK(tiles.take(11, 1, 0.0).first == small.first + 10 * small.stride);
}
