// SPDX-License-Identifier: BSL-1.0
#include <backends/instrument/counter.hpp>

#include <backends/instrument/shared_cells.hpp>

#include "catch.hpp"

#include <cstdint>
#include <thread>
#include <vector>

TEMPLATE_TEST_CASE("a counter has all that threads add, in 64 bits", "", backends::counter,
                   backends::basic_counter<backends::shared_cells>) {
    TestType counter;
    REQUIRE(counter.total() == 0);
    counter.add(std::uint64_t{1} << 60);
    std::vector<std::thread> all;
    for (int t = 0; t < 4; ++t) {
        all.emplace_back([&] {
            for (int n = 0; n < 10'000; ++n) {
                counter.add();
            }
        });
    }
    for (std::thread& one : all) {
        one.join();
    }
    REQUIRE(counter.total() == (std::uint64_t{1} << 60) + 40'000);
    REQUIRE(counter.sample() ==
            backends::sampled<std::uint64_t>{(std::uint64_t{1} << 60) + 40'000, true});
}

TEMPLATE_TEST_CASE("what a writer adds is in the total, while it lives and after", "",
                   backends::counter, backends::basic_counter<backends::shared_cells>) {
    TestType counter;
    {
        auto mine = counter.writer();
        mine.add();
        mine.add(4);
        REQUIRE(counter.total() == 5);
    }
    counter.writer().add();
    REQUIRE(counter.total() == 6);
}

TEST_CASE("recording in a counter throws nothing") {
    backends::counter counter;
    auto mine = counter.writer();
    STATIC_REQUIRE(noexcept(counter.add()));
    STATIC_REQUIRE(noexcept(counter.writer()));
    STATIC_REQUIRE(noexcept(mine.add()));
    STATIC_REQUIRE(backends::instrument<backends::counter>);
}
