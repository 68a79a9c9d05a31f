// SPDX-License-Identifier: BSL-1.0
#include <backends/storage/row_tiles.hpp>

#include "catch.hpp"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
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
