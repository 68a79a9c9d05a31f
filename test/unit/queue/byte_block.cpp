// SPDX-License-Identifier: BSL-1.0
#include <backends/queue/byte_block.hpp>

#include "catch.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <random>
#include <string>

using backends::detail::byte_block;

namespace {

void push(byte_block& block, const std::string& bytes) {
    char* const room = block.reserve(bytes.size());
    REQUIRE(room != nullptr);
    std::copy(bytes.begin(), bytes.end(), room);
    block.commit(bytes.size());
}

std::string content(const byte_block& block) {
    std::string all;
    while (all.size() != block.size()) {
        all.append(block.at(all.size()), block.run_after(all.size()));
    }
    return all;
}

}  // namespace

TEST_CASE("a block of bytes does what a string does, and refuses nothing for which there is room") {
    std::mt19937 random{1};
    const auto below = [&](std::size_t n) { return n == 0 ? 0 : random() % n; };
    for (int round = 0; round < 300; ++round) {
        const std::size_t capacity = 1 + below(400);
        const std::size_t largest = 1 + below(std::max<std::size_t>(capacity / 4, 1));
        const bool keeps_up = random() % 2 == 0;  // or it fills up, again and again
        byte_block block{capacity};
        std::string model;
        for (int step = 0; step < 500; ++step) {
            const std::size_t n = 1 + below(largest);
            const bool fits = block.fits(n);
            const std::size_t free = capacity - model.size();
            if (n <= free / 2 && n + largest <= free) {
                REQUIRE(fits);
            }
            if (fits) {
                const std::string bytes(n, static_cast<char>('a' + random() % 26));
                push(block, bytes);
                model += bytes;
            } else {
                REQUIRE(block.reserve(n) == nullptr);
            }
            const std::size_t first = random() % 4 != 0 ? 0 : below(model.size() + 1);
            std::size_t last = std::min(model.size(), first + below(2 * largest));
            if (random() % 8 == 0) {
                last = model.size();
            }
            if (keeps_up || random() % 64 == 0) {
                block.erase(first, last);
                model.erase(first, last - first);
            }
            if (!model.empty() && random() % 64 == 0) {
                block.gather();
            }
            REQUIRE(block.size() == model.size());
            REQUIRE(content(block) == model);
            const std::size_t offset = below(model.size());
            REQUIRE(block.run_before(offset) <= offset);
        }
    }
}

TEST_CASE("what is soon gone stays in a small part of the block") {
    constexpr std::size_t capacity = 80'000;
    byte_block block{capacity};
    const char* const start = block.reserve(1);
    for (int i = 0; i < 10'000; ++i) {
        push(block, std::string(100, 'x'));
        if (block.size() > 3'000) {
            block.erase(0, 100);
        }
        REQUIRE(block.at(block.size() - 1) - start < std::ptrdiff_t{capacity / 4});
    }
}

TEST_CASE("a block that turned early still takes all that it is made for") {
    constexpr std::size_t capacity = 80'000;
    for (std::size_t gone = 0; gone < capacity; gone += 777) {
        byte_block block{capacity};
        for (std::size_t n = 0; n < gone; n += 100) {
            push(block, std::string(100, 'x'));
            block.erase(0, block.size() > 1'000 ? 100 : 0);
        }
        while (block.fits(100)) {
            push(block, std::string(100, 'y'));
        }
        REQUIRE(block.size() > capacity - 200);
    }
}
