// SPDX-License-Identifier: BSL-1.0
//
// A thread that has recorded once allocates nothing any more.
#include <backends/instrument/thread_cells.hpp>

#include "catch.hpp"
#include "support/allocation_count.hpp"

#include <cstddef>
#include <cstdint>
#include <thread>

using backends::thread_cells;

TEST_CASE("a thread allocates in its first recording alone") {
    thread_cells cells{4};
    std::uint64_t first = 0;
    std::uint64_t later = 0;
    std::thread{[&] {
        const std::uint64_t before = test::allocation_count();
        cells.mine().add(0, 1);
        first = test::allocation_count() - before;
        for (int n = 0; n < 1000; ++n) {
            cells.mine().add(static_cast<std::size_t>(n) % 4, 1);
        }
        later = test::allocation_count() - before - first;
    }}.join();
    REQUIRE(first == 1);
    REQUIRE(later == 0);
}
