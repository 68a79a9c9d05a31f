// SPDX-License-Identifier: BSL-1.0
#include <backends/core/seqlock.hpp>

#include "catch.hpp"

#include <array>
#include <cstdint>
#include <thread>

namespace {
struct words {
    std::array<std::uint64_t, 16> same;
};
}  // namespace

TEST_CASE("a snapshot gives back what was stored") {
    backends::seqlock<words> s;
    CHECK(s.load().same[3] == 0);
    words w{};
    w.same.fill(7);
    s.store(w);
    CHECK(s.load().same == w.same);
}

TEST_CASE("a reader never sees half of a store") {
    backends::seqlock<words> s;
    std::thread writer{[&s] {
        for (std::uint64_t n = 1; n <= 200'000; ++n) {
            words w{};
            w.same.fill(n);
            s.store(w);
        }
    }};
    std::uint64_t last = 0;
    bool whole = true;
    bool forward = true;
    while (last < 200'000) {
        const words w = s.load();
        for (const std::uint64_t word : w.same) {
            whole = whole && word == w.same[0];
        }
        forward = forward && w.same[0] >= last;
        last = w.same[0];
    }
    writer.join();
    CHECK(whole);
    CHECK(forward);
}
