// SPDX-License-Identifier: BSL-1.0
#include <backends/storage/wait_free.hpp>

#include <backends/source/as_collected.hpp>
#include <backends/source/stored.hpp>
#include <backends/source/sum.hpp>
#include <backends/storage/host.hpp>

#include "catch.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

using namespace backends;

namespace {

constexpr unix_seconds start = 1'000'000;

/// Every cell of a row tells its time.
constexpr double value_at(unix_seconds at) { return static_cast<double>(at - start); }

/// Calls record(at) with one time after the other on a thread of its own while this thread calls
/// read(), and once more when all is recorded.
constexpr int rows = 300'000;
template <class Record, class Read>
void race(Record record, Read read) {
    std::atomic<bool> is_done{false};
    std::thread recorder{[&] {
        for (int n = 0; n < rows; ++n) {
            record(start + n);
        }
        is_done = true;
    }};
    while (!is_done) {
        read();
    }
    recorder.join();
    read();
}

}  // namespace

TEST_CASE("a reader sees whole, ordered rows while a recorder laps it") {
    basic_chart<double_cell, 7> chart{"c", {"a", "b", "c"}, value_kind::floating, {}};
    std::uint64_t seen = 0;
    std::uint64_t wrong = 0;
    race(
        [&](unix_seconds at) {
            static_cast<void>(
                chart.record(at, std::array{value_at(at), value_at(at), value_at(at)}));
        },
        [&] {
            const slot_range range = chart.unread(0);
            slot_number slot = range.end;
            seen += chart.visit<3>(range, 0, [&](const auto& row) {
                const double expected = value_at(chart.time_of(--slot));
                wrong += static_cast<std::uint64_t>(row[0] != expected || row[1] != expected ||
                                                    row[2] != expected);
            });
        });
    REQUIRE(wrong == 0);
    REQUIRE(seen >= 7);
}

TEST_CASE("every sample is exported once or counted as overrun while it is recorded") {
    basic_chart<double_cell, 16> chart{"c", {"a", "b"}, value_kind::floating, {}};
    stored<sum>::cursor cursor;
    double total = 0;
    std::uint64_t recorded = 0;
    std::uint64_t samples = 0;
    std::uint64_t overrun = 0;
    race(
        [&](unix_seconds at) {
            if (at % 1000 == 7) {
                return;  // a gap
            }
            chart.set(0, 1.0);
            if (at % 3 != 0) {
                chart.set(1, 1.0);
            }
            recorded += at % 3 != 0 ? 2 : 1;
            static_cast<void>(chart.commit(at));
        },
        [&] {
            const auto read = stored<sum>::read(
                chart, cursor, 0,
                [&](std::size_t, std::size_t, unix_seconds, double v) { total += v; });
            samples += read.samples;
            overrun += read.overrun;
        });
    REQUIRE(total == static_cast<double>(samples));
    REQUIRE(samples + overrun == recorded);
}

TEST_CASE("a collected value and its time belong together, and none is sent twice") {
    basic_chart<double_cell, 4> chart{"c", {"a", "b"}, value_kind::integer, {}};
    as_collected::cursor cursor;
    std::array<unix_seconds, 2> newest{};
    std::uint64_t wrong = 0;
    race(
        [&](unix_seconds at) {
            if (at % 2 == 0) {
                chart.set(0, at);
            }
            chart.set(1, at);
            static_cast<void>(chart.commit(at));
        },
        [&] {
            as_collected::read(
                chart, cursor, 0, [&](std::size_t i, std::size_t, unix_seconds at, auto v) {
                    wrong += static_cast<std::uint64_t>(static_cast<unix_seconds>(v) != at ||
                                                        at <= newest[i]);
                    newest[i] = at;
                });
        });
    constexpr unix_seconds last = start + rows - 1;
    REQUIRE(wrong == 0);
    REQUIRE(newest == std::array<unix_seconds, 2>{last - last % 2, last});
}

TEST_CASE("charts are added while others walk the host") {
    host h{"web-1"};
    std::atomic<bool> done{false};
    std::thread adder{[&] {
        for (int n = 0; n < 300; ++n) {
            h.add("chart" + std::to_string(n), {"d"}, {});
        }
        done = true;
    }};
    std::size_t walked = 0;
    for (bool last = false; !last;) {
        last = done;
        walked = 0;
        for (std::size_t i = 0; i < h.size(); ++i) {
            walked += static_cast<std::size_t>(h.chart_at(i).id() == "chart" + std::to_string(i));
        }
    }
    adder.join();
    REQUIRE(walked == 300);
}
