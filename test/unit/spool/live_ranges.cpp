// SPDX-License-Identifier: BSL-1.0
#include <backends/spool/live_ranges.hpp>

#include "catch.hpp"

#include <cstdint>
#include <random>
#include <vector>

namespace {

using backends::detail::live_range;
using backends::detail::live_ranges;

std::vector<live_range> within(const live_ranges& live, std::uint64_t begin, std::uint64_t end) {
    std::vector<live_range> out;
    live.each_within(begin, end, [&](live_range part) { out.push_back(part); });
    return out;
}

TEST_CASE("ranges that follow each other are one") {
    live_ranges live{100};
    CHECK(live.add({10, 20}));
    CHECK(live.add({20, 30}));
    CHECK(live.add({40, 40}));
    CHECK(live.add({50, 60}));
    REQUIRE(live.size() == 2);
    CHECK(live[0] == live_range{10, 30});
    CHECK(live[1] == live_range{50, 60});
}

TEST_CASE("a range out of order, inside out or behind the end is refused") {
    live_ranges live{100};
    REQUIRE(live.add({10, 20}));
    CHECK_FALSE(live.add({15, 30}));
    CHECK_FALSE(live.add({30, 25}));
    CHECK_FALSE(live.add({90, 101}));
    CHECK_FALSE(live.grow({90, 110}));
    CHECK(live.end() == 100);
    CHECK(live.size() == 1);
}

TEST_CASE("growing moves the end and keeps what is new") {
    live_ranges live{100};
    REQUIRE(live.add({10, 100}));
    REQUIRE(live.grow({100, 120}));
    REQUIRE(live.grow({130, 140}));
    CHECK(live.end() == 140);
    REQUIRE(live.size() == 2);
    CHECK(live[0] == live_range{10, 120});
    CHECK(live[1] == live_range{130, 140});
}

TEST_CASE("there is a bound, and nothing is kept beyond it") {
    live_ranges live{1'000};
    for (std::uint64_t i = 0; i != live_ranges::most; ++i) {
        REQUIRE(live.add({3 * i, 3 * i + 1}));
    }
    CHECK_FALSE(live.add({900, 901}));
    CHECK(live.add({3 * live_ranges::most - 2, 901}));
}

TEST_CASE("parts are those that a set of positions has") {
    std::mt19937 random{3};
    for (int round = 0; round < 300; ++round) {
        live_ranges live{64};
        std::vector<bool> wanted(64);
        for (std::uint64_t at = random() % 5; at < 60;) {
            const std::uint64_t end = at + 1 + random() % 3;
            REQUIRE(live.add({at, end}));
            for (; at != end; ++at) {
                wanted[at] = true;
            }
            at += random() % 6;
        }
        const std::uint64_t begin = random() % 64;
        const std::uint64_t end = begin + random() % (65 - begin);
        std::vector<bool> found(64);
        for (const live_range part : within(live, begin, end)) {
            REQUIRE(part.begin < part.end);
            for (std::uint64_t at = part.begin; at != part.end; ++at) {
                found[at] = true;
            }
        }
        bool any = false;
        for (std::uint64_t at = 0; at != 64; ++at) {
            const bool inside = at >= begin && at < end && wanted[at];
            REQUIRE(found[at] == inside);
            any = any || inside;
        }
        REQUIRE(live.touch(begin, end) == any);
    }
}

}  // namespace
