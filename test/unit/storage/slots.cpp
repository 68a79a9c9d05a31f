// SPDX-License-Identifier: BSL-1.0
#include <backends/storage/slots.hpp>

#include "catch.hpp"

#include <random>

using backends::seconds;
using backends::slot_grid;
using backends::slot_range;

TEST_CASE("a grid's slots are update_every apart and start anywhere") {
    std::mt19937_64 random{1};
    for (int n = 0; n < 20'000; ++n) {
        const auto every = static_cast<std::int64_t>(random() % (n % 2 == 0 ? 7 : 100'000)) + 1;
        const auto first = static_cast<std::int64_t>(random()) >> (3 + random() % 50);
        slot_grid grid{seconds{every}};
        grid.anchor(first);
        const auto slot = grid.nearest(first);
        REQUIRE(grid.time_of(slot) == first);
        REQUIRE(grid.nearest(first + every) == slot + 1);
        REQUIRE(grid.nearest(first - every) == slot - 1);

        const auto off = static_cast<std::int64_t>(random() % 1'000'000) - 500'000;
        const auto near = grid.time_of(grid.nearest(first + off));
        REQUIRE(2 * std::abs(near - (first + off)) <= every);

        const auto next = grid.after(first + off);
        REQUIRE(grid.time_of(next) > first + off);
        REQUIRE(grid.time_of(next - 1) <= first + off);
    }
}

TEST_CASE("a time between two slots goes to the nearer one, half way to the later one") {
    slot_grid grid{seconds{10}};
    grid.anchor(1003);
    REQUIRE(grid.nearest(1007) == grid.nearest(1003));
    REQUIRE(grid.nearest(1008) == grid.nearest(1013));
    REQUIRE(grid.nearest(998) == grid.nearest(1003));
    REQUIRE(grid.nearest(997) == grid.nearest(993));
}

TEST_CASE("the ends of a window may be any number") {
    for (const std::int64_t every : {1, 2, 10, 3600}) {
        slot_grid grid{seconds{every}};
        grid.anchor(1'700'000'001);
        const auto slot = grid.nearest(1'700'000'001);
        REQUIRE(grid.after(INT64_MIN) < slot);
        REQUIRE(grid.after(INT64_MAX) > slot);
        REQUIRE(grid.after(INT64_MIN + 1) < slot);
        REQUIRE(grid.after(INT64_MAX - 1) > slot);
    }
}

TEST_CASE("a range without slots is empty whatever its ends") {
    REQUIRE(slot_range{5, 5}.empty());
    REQUIRE(slot_range{6, 5}.size() == 0);
    REQUIRE(slot_range{5, 8}.size() == 3);
    REQUIRE(slot_range{5, 8}.within({0, 6}) == slot_range{5, 6});
    REQUIRE(slot_range{5, 8}.within({9, 12}).empty());
}
