// SPDX-License-Identifier: BSL-1.0
#include <backends/storage/free_ranges.hpp>

#include "catch.hpp"

#include <cstddef>
#include <random>
#include <utility>
#include <vector>

using backends::detail::free_ranges;

TEST_CASE("what is taken was free, what is given back can be taken again, in any pieces") {
    constexpr std::size_t places = 300;
    std::mt19937 random{1};
    free_ranges ranges{places};
    std::vector<bool> is_taken(places);
    std::vector<std::pair<std::size_t, std::size_t>> taken;
    std::size_t used = 0;
    const auto longest_free = [&] {
        std::size_t longest = 0;
        std::size_t now = 0;
        for (const bool one : is_taken) {
            now = one ? 0 : now + 1;
            longest = longest < now ? now : longest;
        }
        return longest;
    };
    for (int step = 0; step < 20'000; ++step) {
        if (random() % 2 == 0) {
            const std::size_t n = 1 + random() % 30;
            const std::size_t longest = longest_free();
            const std::size_t first = ranges.take(n);
            REQUIRE((first == free_ranges::none) == (longest < n));
            if (first == free_ranges::none) {
                continue;
            }
            for (std::size_t i = first; i < first + n; ++i) {
                REQUIRE_FALSE(is_taken[i]);
                is_taken[i] = true;
            }
            taken.emplace_back(first, n);
            used += n;
        } else if (!taken.empty()) {
            std::swap(taken[random() % taken.size()], taken.back());
            const auto [first, n] = taken.back();
            taken.pop_back();
            ranges.give(first, n);
            for (std::size_t i = first; i < first + n; ++i) {
                is_taken[i] = false;
            }
            used -= n;
        }
        REQUIRE(ranges.free() == places - used);
        REQUIRE(ranges.is_unused() == taken.empty());
    }
    for (const auto& [first, n] : taken) {
        ranges.give(first, n);
    }
    CHECK(ranges.take(places) == 0);  // one range again
}
