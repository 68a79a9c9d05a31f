// SPDX-License-Identifier: BSL-1.0
#include <backends/delivery/random.hpp>

#include <backends/testing/delivery_laws.hpp>

#include "catch.hpp"

#include <cstdint>

namespace {

//! [own_random_source]
/// Plays the same throws again and again: for a test that needs to know them.
class loaded_dice {
public:
    std::uint64_t operator()() noexcept { return throws_[next_++ % 3]; }

private:
    std::uint64_t throws_[3] = {1, 6, 6};
    unsigned next_ = 0;
};
static_assert(backends::random_source<loaded_dice>);
//! [own_random_source]

}  // namespace

TEST_CASE("split_mix gives the published numbers") {
    backends::split_mix random{1234567};
    for (const std::uint64_t expected :
         {6457827717110365317ULL, 3203168211198807973ULL, 9817491932198370423ULL,
          4593380528125082431ULL, 16408922859458223821ULL}) {
        CHECK(random() == expected);
    }
}

TEST_CASE("split_mix keeps the laws of a random source, whatever the seed") {
    for (const std::uint64_t seed : {std::uint64_t{0}, std::uint64_t{1}, UINT64_MAX}) {
        CHECK(backends::testing::random_source_laws<backends::split_mix>::broken(
                  backends::split_mix{seed}) == "");
    }
    CHECK(backends::testing::random_source_laws<loaded_dice>::broken({}) != "");
}

TEST_CASE("below() stays below") {
    backends::split_mix random;
    CHECK(backends::below(random, 0) == 0);
    CHECK(backends::below(random, 1) == 0);
    for (int i = 0; i != 1000; ++i) {
        CHECK(backends::below(random, 6) < 6);
    }
}
