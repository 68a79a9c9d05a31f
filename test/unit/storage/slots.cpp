// SPDX-License-Identifier: BSL-1.0
#include <backends/storage/slots.hpp>

#include "catch.hpp"

#include <cstdint>
#include <cstdlib>
#include <random>

using backends::seconds;
using backends::slot_range;
using backends::slot_stretch;

TEST_CASE("the slots of a stretch are update_every apart and start anywhere") {
    std::mt19937_64 random{1};
    for (int n = 0; n < 20'000; ++n) {
        const seconds every{static_cast<std::int64_t>(random() % (n % 2 == 0 ? 7 : 100'000)) + 1};
        const auto at = static_cast<std::int64_t>(random()) >> (4 + random() % 50);
        const auto slot = static_cast<std::int64_t>(random() % 1'000'000);
        const slot_stretch s{slot, at};
        REQUIRE(s.time_of(slot, every) == at);
        REQUIRE(s.nearest(at, every) == slot);
        REQUIRE(s.nearest(at + every.value, every) == slot + 1);
        REQUIRE(s.nearest(at - every.value, every) == slot - 1);

        const auto off = static_cast<std::int64_t>(random() % 1'000'000) - 500'000;
        const auto near = s.time_of(s.nearest(at + off, every), every);
        REQUIRE(2 * std::abs(near - (at + off)) <= every.value);

        const auto next = s.after(at + off, every);
        REQUIRE(s.time_of(next, every) > at + off);
        REQUIRE(s.time_of(next - 1, every) <= at + off);
    }
}

TEST_CASE("a time between two slots goes to the nearer one, half way to the later one") {
    constexpr seconds every{10};
    constexpr slot_stretch s{5, 1003};
    REQUIRE(s.nearest(1007, every) == 5);
    REQUIRE(s.nearest(1008, every) == 6);
    REQUIRE(s.nearest(998, every) == 5);
    REQUIRE(s.nearest(997, every) == 4);
}

TEST_CASE("the ends of a window may be any number") {
    for (const std::int64_t n : {1, 2, 10, 3600}) {
        const seconds every{n};
        const slot_stretch s{7, 1'700'000'001};
        REQUIRE(s.after(INT64_MIN, every) < 7);
        REQUIRE(s.after(INT64_MAX, every) > 7);
        REQUIRE(s.after(INT64_MIN + 1, every) < 7);
        REQUIRE(s.after(INT64_MAX - 1, every) > 7);
    }
}

TEST_CASE("a range without slots is empty whatever its ends") {
    REQUIRE(slot_range{5, 5}.empty());
    REQUIRE(slot_range{6, 5}.size() == 0);
    REQUIRE(slot_range{5, 8}.size() == 3);
    REQUIRE(slot_range{5, 8}.within({0, 6}) == slot_range{5, 6});
    REQUIRE(slot_range{5, 8}.within({9, 12}).empty());
}
