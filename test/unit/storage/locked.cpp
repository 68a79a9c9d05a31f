// SPDX-License-Identifier: BSL-1.0
#include <backends/storage/locked.hpp>

#include <backends/source/stored.hpp>
#include <backends/source/sum.hpp>
#include <backends/storage/chart.hpp>

#include "catch.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

using namespace backends;

TEST_CASE("several threads record into one chart while it is exported") {
    basic_chart<double_cell, 32, locked> chart{"c", {"a", "b"}, value_kind::floating, {}};
    constexpr int rows = 20'000;
    std::atomic<unix_seconds> clock{1'000};
    std::atomic<std::uint64_t> accepted{0};
    std::atomic<int> running{3};
    std::vector<std::thread> recorders;
    for (int n = 0; n < 3; ++n) {
        recorders.emplace_back([&] {
            for (int i = 0; i < rows; ++i) {
                accepted += chart.record(clock++, std::array{1.0, 1.0}) ? 1U : 0U;
            }
            --running;
        });
    }
    stored<sum>::cursor cursor;
    std::uint64_t samples = 0;
    std::uint64_t overrun = 0;
    for (bool last = false; !last;) {
        last = running == 0;
        const auto read = stored<sum>::read(chart, cursor, INT64_MAX,
                                            [](std::size_t, std::size_t, unix_seconds, double) {});
        samples += read.samples;
        overrun += read.overrun;
    }
    for (std::thread& one : recorders) {
        one.join();
    }
    REQUIRE(samples + overrun == 2 * accepted);
    REQUIRE(accepted + chart.counters().refused == 3 * rows);
}
