// SPDX-License-Identifier: BSL-1.0
#include <backends/instrument/up_down_counter.hpp>

#include "catch.hpp"

#include <thread>

TEST_CASE("what one thread adds another subtracts") {
    backends::up_down_counter open;
    open.add(3);
    std::thread{[&] { open.subtract(); }}.join();
    REQUIRE(open.value() == 2);
    std::thread{[&] { open.subtract(5); }}.join();
    REQUIRE(open.value() == -3);
    open.add(-1);
    REQUIRE(open.sample() == backends::sampled<std::int64_t>{-4, true});
    STATIC_REQUIRE(noexcept(open.add()));
    STATIC_REQUIRE(backends::instrument<backends::up_down_counter>);
}
