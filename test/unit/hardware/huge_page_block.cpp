// SPDX-License-Identifier: BSL-1.0
#include <backends/hardware/huge_page_block.hpp>

#include "catch.hpp"

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

using backends::detail::huge_page;
using backends::detail::huge_page_block;

TEST_CASE("a block has room for what it was made for, a large one in whole pages") {
    for (const std::size_t bytes :
         {std::size_t{8}, huge_page - 8, huge_page, huge_page + 8, 3 * huge_page}) {
        const std::size_t n = bytes / sizeof(std::uint64_t);
        huge_page_block<std::uint64_t> block{n};
        CHECK(
            (bytes < huge_page || reinterpret_cast<std::uintptr_t>(block.data()) % huge_page == 0));
        block.data()[0] = 1;
        block.data()[n - 1] = 2;
        CHECK(block.data()[n - 1] == 2);
    }
}

TEST_CASE("a block that moves stays where it is") {
    std::vector<huge_page_block<char>> blocks;
    blocks.emplace_back(huge_page);
    char* const first = blocks.front().data();
    *first = 'x';
    for (std::size_t n = 1; n < 100; ++n) {
        blocks.emplace_back(n);
    }
    CHECK(blocks.front().data() == first);
    CHECK(*first == 'x');
}
