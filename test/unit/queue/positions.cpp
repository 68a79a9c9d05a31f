// SPDX-License-Identifier: BSL-1.0
#include <backends/queue/positions.hpp>

#include "catch.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace {

using backends::detail::positions;

/// The position of every byte, one by one.
struct naive_positions {
    std::vector<std::uint64_t> kept;
    std::uint64_t next = 0;

    void add(std::size_t n) {
        while (n-- != 0) {
            kept.push_back(next++);
        }
    }
    void erase(std::size_t first, std::size_t last) {
        kept.erase(kept.begin() + static_cast<std::ptrdiff_t>(first),
                   kept.begin() + static_cast<std::ptrdiff_t>(last));
    }
};

TEST_CASE("a byte keeps its position, whatever goes before it") {
    std::mt19937 random{11};
    std::uint64_t renumbered = 0;
    for (int round = 0; round < 200; ++round) {
        positions real;
        naive_positions naive;
        std::uint64_t numbering = 0;
        const bool seldom_at_front = round % 2 == 0;
        for (int step = 0; step < 300; ++step) {
            if (random() % 2 == 0) {
                naive.add(random() % 20);
            } else if (!naive.kept.empty()) {
                const std::size_t size = naive.kept.size();
                std::size_t first = random() % size;
                first = seldom_at_front && random() % 8 != 0 ? first : 0;
                const std::size_t last =
                    first + 1 + random() % std::min<std::size_t>(size - first, 6);
                real.erase(first, last, size);
                naive.erase(first, last);
            }
            if (real.numbering() != numbering) {  // higher than all before, and without a gap
                numbering = real.numbering();
                ++renumbered;
                REQUIRE(real.at(0) == naive.next);
                for (std::uint64_t& position : naive.kept) {
                    position = naive.next++;
                }
            }
            bool same = true;
            for (std::size_t i = 0; i != naive.kept.size(); ++i) {
                same = same && real.at(i) == naive.kept[i];
                if (i + 1 != naive.kept.size()) {
                    const bool gap = naive.kept[i + 1] != naive.kept[i] + 1;
                    same = same && (real.run_end(i) == i + 1) == gap;
                }
            }
            REQUIRE(same);
            REQUIRE(real.at(naive.kept.size()) == naive.next);
        }
    }
    CHECK(renumbered != 0);
}

}  // namespace
