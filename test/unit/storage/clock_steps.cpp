// SPDX-License-Identifier: BSL-1.0
//
// What a chart does when somebody sets the clock: it goes on at once, keeps what it has, and knows
// of every slot the time that it was recorded with.
#include <backends/storage/history.hpp>

#include <backends/source/as_collected.hpp>
#include <backends/source/stored.hpp>
#include <backends/source/sum.hpp>
#include <backends/storage/chart.hpp>
#include <backends/storage/unsynchronized.hpp>

#include "catch.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <random>
#include <tuple>
#include <vector>

using namespace backends;

namespace {

constexpr unix_seconds today = 1'800'000'000;
constexpr unix_seconds day = 86'400;
constexpr unix_seconds year = 365 * day;

/// The machine's clock is what a test says.
struct by_hand : unsynchronized {
    static inline wall_time now{today};
    static wall_time wall_clock() noexcept { return now; }
};
using chart_by_hand = basic_chart<double_cell, 300, by_hand>;
using row = std::array<double, 1>;

chart_by_hand one(seconds every, algorithm how = absolute) {
    by_hand::now = {today};
    return chart_by_hand{
        "c", {"d"}, value_kind::integer, {.update_every = every, .algorithm = how}};
}

/// All kept times, oldest first.
template <class Chart>
std::vector<unix_seconds> times(const Chart& chart) {
    std::vector<unix_seconds> all;
    const slot_range kept = chart.unread(0);
    for (slot_number slot = kept.first; slot < kept.end; ++slot) {
        all.push_back(chart.time_of(slot));
    }
    return all;
}

/// The samples of a window, newest first.
template <class Chart>
std::vector<double> samples(const Chart& chart, unix_seconds after, unix_seconds before) {
    std::vector<double> all;
    chart.template visit<1>(chart.window(after, before), 0,
                            [&](const auto& words) { all.push_back(words[0]); });
    return all;
}

}  // namespace

TEST_CASE("a clock that is set back costs five rows at the most, and no time") {
    for (const std::int64_t every : {1, 2, 3, 5, 10, 60}) {
        std::vector<std::int64_t> steps{300, 3600, day, year, 15 * year, today + 100};
        for (std::int64_t step = 1; step <= 200; ++step) {
            steps.push_back(step);
        }
        for (const std::int64_t step : steps) {
            INFO("every " << every << " s, back by " << step << " s");
            auto c = one(seconds{every});
            unix_seconds at = today - 100 * every;
            for (int n = 0; n < 20; ++n, at += every) {
                REQUIRE(c.record(at, row{1}));
            }
            at -= step;
            std::uint64_t refused = 0;
            while (!c.record(at, row{2})) {
                ++refused;
                at += every;
                REQUIRE(refused <= 5);
            }
            const std::int64_t late = every == 1 ? 5 : every == 2 ? 6 : 3 * every;
            REQUIRE(static_cast<std::int64_t>(refused) * every <= late);
            REQUIRE(c.counters().refused == refused);
            REQUIRE(c.counters().clock_steps ==
                    (step > late - every + (every + 1) / 2 && refused == 0 ? 1U : 0U));
            REQUIRE(c.recorded().samples == 21);
            for (int n = 0; n < 20; ++n) {
                REQUIRE(c.record(at += every, row{3}));
            }
        }
    }
}

TEST_CASE("nothing that was recorded before a step is lost, and every slot keeps its time") {
    auto c = one(seconds{1});
    std::vector<unix_seconds> expected;
    const auto seconds_from = [&](unix_seconds first, int n) {
        for (int i = 0; i < n; ++i) {
            expected.push_back(first + i);
            REQUIRE(c.record(first + i, row{static_cast<double>(expected.size())}));
        }
    };
    seconds_from(today - year, 20);             // a clock without a battery
    seconds_from(today, 20);                    // found the time
    seconds_from(today - 3600, 20);             // set back by an hour
    seconds_from(today - 3600 + 20 + 1000, 3);  // ahead, by more than gaps serve for
    REQUIRE(times(c) == expected);
    REQUIRE(c.counters().clock_steps == 1);
    REQUIRE(c.counters().refused == 0);
    REQUIRE(c.recorded().samples == 63);
}

TEST_CASE("a machine whose clock is a year ahead for a second goes on when it comes back") {
    auto c = one(seconds{1});
    for (int n = 0; n < 60; ++n) {
        by_hand::now.second = today + n + (n == 30 ? year : 0);
        REQUIRE(c.record(by_hand::now.second, row{1}));
    }
    REQUIRE(c.counters().clock_steps == 1);
    REQUIRE(c.recorded().samples == 60);
    REQUIRE(samples(c, today + year - 1, today + 2 * year).size() == 1);
    REQUIRE(samples(c, today - 1, today + 60).size() == 59);
}

TEST_CASE(
    "a time more than a day ahead of the machine's clock is refused, whatever was there before") {
    auto c = one(seconds{1});
    REQUIRE_FALSE(c.record(today * 1000, row{1}));  // milliseconds
    REQUIRE_FALSE(c.record(today + day + 1, row{1}));
    REQUIRE(c.record(today, row{1}));
    REQUIRE_FALSE(c.record((today + 1) * 1000, row{1}));
    REQUIRE_FALSE(c.record(today + day + 1, row{1}));
    REQUIRE(c.record(today + 1, row{1}));
    REQUIRE(c.record(today + day, row{1}));
    by_hand::now.second = today - year;  // and what is back may still be ahead
    REQUIRE_FALSE(c.record(today, row{1}));
    REQUIRE(c.record(today - year, row{1}));
    REQUIRE(c.counters().refused == 5);
    REQUIRE(c.counters().clock_steps == 1);
}

TEST_CASE("how late a row may be is the chart's to say") {
    for (const std::int64_t lateness : {0, 1, 2, 7, 100, 1'000'000}) {
        by_hand::now = {today};
        chart_by_hand c{"c", {"d"}, value_kind::floating, {.allowed_lateness = seconds{lateness}}};
        REQUIRE(c.record(today, row{1}));
        const unix_seconds due = today + 1;
        REQUIRE_FALSE(c.record(today, row{1}));  // a second one in the slot, in any case
        if (lateness > 1) {
            REQUIRE_FALSE(c.record(due - lateness, row{1}));
        }
        REQUIRE(c.counters().clock_steps == 0);
        REQUIRE(c.record(due - std::max<std::int64_t>(lateness, 1) - 1, row{1}));
        REQUIRE(c.counters().clock_steps == 1);
    }
}

TEST_CASE("the rate of a counter is right across a step") {
    auto c = one(seconds{1}, incremental);
    unix_seconds at = today - year;
    std::int64_t count = 0;
    for (const unix_seconds step : {0L, -3600L, 15L, -8L * year}) {
        at += step;
        for (int n = 0; n < 20; ++n, ++at) {
            // Fifteen seconds that nobody collected in count too.
            count += 100 * (step > 0 && n == 0 ? 1 + step : 1);
            REQUIRE(c.record(at, std::array{count}));
        }
    }
    std::vector<double> rates;
    c.visit<1>(c.unread(0), 0, [&](const auto& words) {
        if (double_cell::exists(words[0])) {
            rates.push_back(words[0]);
        }
    });
    REQUIRE(rates == std::vector<double>(79, 100.0));
}

TEST_CASE(
    "a dimension that was not collected after a step has its rate over the time that passed") {
    by_hand::now = {today};
    chart_by_hand c{"c", {"a", "b"}, value_kind::integer, {.algorithm = incremental}};
    REQUIRE(c.record(today, {0, 0}));
    REQUIRE(c.record(today + 1, {5, 5}));
    c.set(0, 10);
    REQUIRE(c.commit(today - 1000));  // a second later
    c.set(0, 15);
    REQUIRE(c.commit(today - 999));
    REQUIRE(c.record(today - 998, {20, 20}));
    double rate = 0;
    c.samples(1, today - 999, today - 998, [&](unix_seconds, double v) { rate = v; });
    REQUIRE(rate == 5);
}

TEST_CASE("what was collected before a step keeps its time, and is emitted once") {
    by_hand::now = {today};
    chart_by_hand c{"c", {"often", "rarely"}, value_kind::integer, {}};
    as_collected::cursor cursor;
    using line = std::tuple<std::size_t, unix_seconds, std::int64_t>;
    const auto read = [&] {
        std::vector<line> lines;
        as_collected::read(c, cursor, 0, [&](std::size_t d, std::size_t, unix_seconds at, auto v) {
            lines.emplace_back(d, at, static_cast<std::int64_t>(v));
        });
        return lines;
    };
    const auto commit = [&](unix_seconds at, std::int64_t often) {
        c.set(0, often);
        REQUIRE(c.commit(at));
    };
    c.set(1, 7);
    commit(today, 1);
    commit(today + 1, 2);
    commit(today - 3600, 3);
    commit(today - 3599, 4);
    REQUIRE(c.collected(1).at == today);
    REQUIRE(read() == std::vector<line>{{0, today - 3599, 4}, {1, today, 7}});
    commit(today - 3598, 5);
    REQUIRE(read() == std::vector<line>{{0, today - 3598, 5}});
    c.set(1, 8);
    commit(today - 3597, 6);
    commit(today - 2 * year, 7);
    commit(today - year, 8);      // a jump that is longer than the ring
    commit(today - year + 1, 9);  // two stretches later
    REQUIRE(read() == std::vector<line>{{0, today - year + 1, 9}, {1, today - 3597, 8}});
    REQUIRE(read().empty());
}

TEST_CASE("what was collected long ago is emitted although its slot is gone") {
    basic_chart<double_cell, 4, by_hand> c{"c", {"rarely", "often"}, value_kind::integer, {}};
    as_collected::cursor cursor;
    c.set(0, 7);
    for (int n = 0; n < 20; ++n) {
        c.set(1, n);
        REQUIRE(c.commit(1'000 + n));
    }
    std::vector<std::int64_t> values;
    const auto take = [&](std::size_t, std::size_t, unix_seconds, auto v) {
        values.push_back(static_cast<std::int64_t>(v));
    };
    REQUIRE(as_collected::read(c, cursor, 0, take).samples == 2);
    REQUIRE(values == std::vector<std::int64_t>{7, 19});
    REQUIRE(as_collected::read(c, cursor, 0, take).samples == 0);
}

TEST_CASE("a window holds what was recorded at its times, on both sides of a step") {
    auto c = one(seconds{1});
    for (int n = 0; n < 20; ++n) {
        REQUIRE(c.record(today + n, row{1.0 * n}));
    }
    for (int n = 0; n < 20; ++n) {
        REQUIRE(c.record(today + 5 + n, row{100.0 + n}));  // back by 15 s
    }
    REQUIRE(c.window(today + 4, today + 7).size() == 6);
    REQUIRE(samples(c, today + 4, today + 7) == std::vector<double>{102, 101, 100, 7, 6, 5});
    REQUIRE(samples(c, today + 20, today + 100) == std::vector<double>{119, 118, 117, 116});
    double total = 0;
    stored<sum>::read_window(c, today + 4, today + 7,
                             [&](std::size_t, std::size_t, unix_seconds, double v) { total = v; });
    REQUIRE(total == 102 + 101 + 100 + 7 + 6 + 5);
    REQUIRE(c.window(INT64_MIN, INT64_MAX).size() == 40);
    REQUIRE(c.window(today + 100, today + 4).empty());
}

TEST_CASE("of more steps than a chart remembers the times are forgotten, and no sample") {
    auto c = one(seconds{1});
    stored<sum>::cursor cursor;
    for (int n = 0; n < 10; ++n) {
        REQUIRE(c.record(today - 100 * n, row{1}));
    }
    REQUIRE(c.counters().clock_steps == 9);
    REQUIRE(c.time_of(9) == today - 900);
    REQUIRE(c.time_of(6) == today - 600);
    REQUIRE(c.time_of(5) == chart_by_hand::no_time);
    REQUIRE(samples(c, INT64_MIN, INT64_MAX).size() == 4);
    REQUIRE(c.unread(0).size() == 10);
    const auto read =
        stored<sum>::read(c, cursor, today, [](std::size_t, std::size_t, unix_seconds, double) {});
    REQUIRE(read.samples == 10);
    REQUIRE(read.overrun == 0);
}

TEST_CASE(
    "without a time a row goes to the nearest slot, at whatever fraction of a second it comes") {
    std::mt19937_64 random{7};
    for (int again = 0; again < 200; ++again) {
        auto c = one(seconds{1});
        const auto fraction = static_cast<std::int64_t>(random() % 1'000'000'000);
        const auto second = static_cast<std::int64_t>(1'000'000'000);
        for (int n = 0; n < 50; ++n) {
            const auto off = static_cast<std::int64_t>(random() % 980'000'000) - 490'000'000;
            const std::int64_t at = n * second + fraction + (n == 0 ? 0 : off) + second;
            by_hand::now = {today + at / second, static_cast<std::int32_t>(at % second)};
            REQUIRE(c.record(row{1}));
        }
        REQUIRE(c.unread(0).size() == 50);
        REQUIRE(c.collected(0).at == today + 50);
        REQUIRE_FALSE(c.record(row{1}));  // one row a slot
    }
}

TEST_CASE("without a time a row goes on from rows that had one, and after a step") {
    auto c = one(seconds{1});
    by_hand::now = {today, 990'000'000};
    REQUIRE(c.record(today, row{1}));
    by_hand::now = {today + 2, 10'000'000};
    REQUIRE(c.record(row{1}));
    REQUIRE(times(c) == std::vector<unix_seconds>{today, today + 1});
    by_hand::now = {today - 1000, 600'000'000};
    REQUIRE(c.record(row{1}));
    by_hand::now = {today - 999, 590'000'000};
    REQUIRE(c.record(row{1}));
    by_hand::now = {today - 998, 610'000'000};
    REQUIRE(c.record(row{1}));
    REQUIRE(c.unread(0).size() == 5);
    REQUIRE(c.counters().refused == 0);
}
