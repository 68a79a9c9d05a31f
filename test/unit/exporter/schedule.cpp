// SPDX-License-Identifier: BSL-1.0
#include <backends/exporter/schedule.hpp>

#include "catch.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

using namespace backends;

namespace {

constexpr std::int64_t second = 1'000'000'000;

/// Two clocks that go on together until the system's is set.
struct clocks {
    instant steady{1'000 * second};
    std::int64_t system_ns = 1'700'000'000 * second;

    void pass(nanoseconds by) {
        steady = steady + by;
        system_ns += by.value;
    }
    [[nodiscard]] unix_seconds system() const { return system_ns / second; }
    [[nodiscard]] clock_reading reading() const { return {steady, system()}; }
};

/// A driver who waits as he is told, and a schedule.
struct driven {
    schedule cycles;
    clocks now;
    std::vector<unix_seconds> stamps{};
    std::vector<std::int64_t> ages{};  // of the stamps, when they were given, in nanoseconds
    std::uint64_t missed = 0;

    void start() { cycles.start(now.steady, now.reading()); }
    void wait_for_one(nanoseconds late = {}) {
        now.pass(cycles.due() - now.steady + late);
        look();
    }
    void look() {
        if (now.steady < cycles.due()) {
            return;
        }
        if (const auto one = cycles.take(now.steady, now.reading())) {
            stamps.push_back(one->stamp);
            ages.push_back(now.system_ns - one->stamp * second);
            missed += one->missed;
        }
    }
};

std::int64_t between(std::mt19937_64& random, std::int64_t least, std::int64_t most) {
    return std::uniform_int_distribution<std::int64_t>{least, most}(random);
}

driven any_start(std::mt19937_64& random, seconds period) {
    const std::int64_t length = nanoseconds{period}.value;
    driven d{schedule{period, true, nanoseconds{between(random, 0, length - 1)}}, {}};
    d.now.pass(nanoseconds{between(random, 0, 3 * length)});
    d.start();
    return d;
}

/// Clocks that may say anything.
struct extreme {
    static inline instant steady;
    static inline unix_seconds system;
    static instant steady_now() noexcept { return steady; }
    static unix_seconds system_now() noexcept { return system; }
    static clock_reading at(instant now, unix_seconds wall) {
        steady = now;
        system = wall;
        return clock_reading::now<extreme>();
    }
};

/// Multiples of the period, one behind the other.
void are_consecutive(const std::vector<unix_seconds>& stamps, seconds period) {
    REQUIRE_FALSE(stamps.empty());
    for (std::size_t i = 0; i < stamps.size(); ++i) {
        REQUIRE(stamps[i] == stamps[0] + static_cast<std::int64_t>(i) * period.value);
    }
    CHECK(stamps[0] % period.value == 0);
}

}  // namespace

TEST_CASE("each period has one cycle, whenever it starts and however late its driver is") {
    std::mt19937_64 random{11};
    for (int trial = 0; trial < 2000; ++trial) {
        const seconds period{std::array{1, 2, 7, 10, 60, 3600}[random() % 6]};
        const std::int64_t length = nanoseconds{period}.value;
        driven d = any_start(random, period);
        for (int n = 0; n < 50; ++n) {
            d.wait_for_one(nanoseconds{between(random, 0, length / 2 - 1)});
        }
        INFO("period " << period.value);
        REQUIRE(d.stamps.size() == 50);
        are_consecutive(d.stamps, period);
        CHECK(d.missed == 0);
        // Never ahead of the clock; behind it by the phase, the lateness, and what a clock of whole
        // seconds did not say at the start.
        CHECK(std::ranges::min(d.ages) >= 0);
        CHECK(std::ranges::max(d.ages) < length + length / 2 + second);
        CHECK(d.cycles.clock_sets() == 0);
    }
}

TEST_CASE("a driver with steps of its own gets one cycle in each, up to half a period late") {
    std::mt19937_64 random{12};
    for (int trial = 0; trial < 2000; ++trial) {
        const seconds period{std::array{1, 10, 60}[random() % 3]};
        const std::int64_t length = nanoseconds{period}.value;
        driven d = any_start(random, period);
        const clocks start = d.now;
        for (int n = 1; n <= 50; ++n) {
            d.now = start;
            d.now.pass(nanoseconds{n * length + between(random, 0, length / 2 - 1)});
            d.look();
        }
        REQUIRE(d.stamps.size() == 50);
        are_consecutive(d.stamps, period);
        CHECK(d.missed == 0);
    }
}

TEST_CASE("cycles that are later than that are missed and counted, and the schedule goes on") {
    driven d{schedule{seconds{10}, true, seconds{4}}, {}};
    d.start();
    CHECK(d.cycles.due() == d.now.steady + seconds{4});
    d.wait_for_one(seconds{55});
    CHECK(d.stamps == std::vector<unix_seconds>{1'700'000'050});
    CHECK(d.missed == 5);
    d.wait_for_one();
    CHECK(d.now.system() == 1'700'000'064);
    CHECK(d.stamps.back() == 1'700'000'060);
    CHECK(d.missed == 5);
}

TEST_CASE("a cycle that is a period late and its successor both have time to collect something") {
    driven d{schedule{seconds{10}, true, seconds{4}}, {}};
    d.start();
    d.wait_for_one(seconds{12});
    CHECK(d.cycles.due() == d.now.steady + seconds{5});
    d.wait_for_one();
    d.wait_for_one();
    are_consecutive(d.stamps, seconds{10});
    CHECK(d.now.system() == 1'700'000'026);  // half a period behind the one before
    d.wait_for_one();
    CHECK(d.now.system() == 1'700'000'034);  // in time again
}

TEST_CASE("after the clock was set, stamps follow it, and no period is written twice") {
    std::mt19937_64 random{13};
    for (int trial = 0; trial < 3000; ++trial) {
        const seconds period{std::array{1, 10, 60}[random() % 3]};
        const std::int64_t length = nanoseconds{period}.value;
        driven d = any_start(random, period);
        for (int n = 0; n < 5; ++n) {
            d.wait_for_one(nanoseconds{between(random, 0, length / 4)});
        }
        const std::int64_t ns = between(random, -3 * length, 20 * length);
        d.now.system_ns += ns;
        const instant before = d.now.steady;
        for (int n = 0; n < 8; ++n) {
            d.wait_for_one(nanoseconds{between(random, 0, length / 4)});
        }
        INFO("period " << period.value << " s, set by " << ns << " ns");
        const std::set<unix_seconds> distinct{d.stamps.begin(), d.stamps.end()};
        CHECK(distinct.size() == d.stamps.size());
        CHECK(std::ranges::is_sorted(d.stamps));
        CHECK(d.stamps.size() >= 12);
        CHECK(d.stamps.back() % period.value == 0);
        const std::int64_t harmless = length / 4 + 2 * second;
        CHECK(d.ages.back() < 2 * length + harmless);
        CHECK(d.ages.back() > -harmless);
        CHECK((d.now.steady - before).value < 13 * length);
        CHECK((ns >= harmless || ns <= -harmless ? d.cycles.clock_sets() == 1
                                                 : d.cycles.clock_sets() <= 1));
    }
}

TEST_CASE("a clock that was set back by an hour is believed at once") {
    for (const bool aligned : {true, false}) {
        driven d{schedule{seconds{10}, aligned, seconds{4}}, {}};
        d.start();
        d.wait_for_one();
        d.wait_for_one();
        d.now.system_ns -= 3605 * second;
        d.wait_for_one();
        d.wait_for_one();
        REQUIRE(d.stamps.size() == 4);
        CHECK(d.stamps[2] < d.stamps[0] - 3500);
        CHECK(d.stamps[3] - d.stamps[2] == 10);
        CHECK(d.stamps[3] == (aligned ? d.now.system() - 4 : d.now.system()));
        CHECK(d.cycles.clock_sets() == 1);
        CHECK(d.cycles.last_set_by() == seconds{-3605});
    }
}

TEST_CASE("a system's clock that stands still, or goes back at every look, silences nobody") {
    for (const std::int64_t pace : {0, -3, -30}) {
        driven d{schedule{seconds{10}, true, seconds{4}}, {}};
        d.start();
        const instant start = d.now.steady;
        for (int n = 0; n < 60; ++n) {
            const std::int64_t system = d.now.system_ns;
            d.wait_for_one();
            d.now.system_ns = system + pace * second;
        }
        INFO("pace " << pace);
        CHECK(static_cast<std::int64_t>(d.stamps.size()) * seconds{60}.value * second >=
              (d.now.steady - start).value);
    }
}

TEST_CASE("a driver's time that is not the clock's sets no clock") {
    driven d{schedule{seconds{10}, true, seconds{4}}, {}};
    d.start();
    instant said = d.now.steady;
    for (int n = 0; n < 20; ++n) {
        said = said + seconds{10};
        REQUIRE(said >= d.cycles.due());
        const auto one = d.cycles.take(said, d.now.reading());
        REQUIRE(one);
        d.stamps.push_back(one->stamp);
    }
    are_consecutive(d.stamps, seconds{10});
    CHECK(d.cycles.clock_sets() == 0);
}

TEST_CASE("the last cycle has a stamp of its own as well") {
    std::mt19937_64 random{14};
    for (int trial = 0; trial < 1000; ++trial) {
        const seconds period{10};
        driven d = any_start(random, period);
        const auto cycles = between(random, 0, 3);
        for (std::int64_t n = 0; n < cycles; ++n) {
            d.wait_for_one(nanoseconds{between(random, 0, 5 * second)});
        }
        d.now.pass(nanoseconds{
            between(random, 0, std::max<std::int64_t>((d.cycles.due() - d.now.steady).value, 0))});
        const auto last = d.cycles.take_last(d.now.steady, d.now.reading());
        CHECK(last.stamp % 10 == 0);
        CHECK(last.missed == 0);
        const bool is_own = d.stamps.empty() || last.stamp > d.stamps.back();
        CHECK(is_own);
        CHECK(last.stamp <= d.now.system() + 10);
        CHECK(last.stamp > d.now.system() - 21);
    }
}

TEST_CASE("a schedule that goes on from another one's last stamp takes none that was given") {
    for (const std::int64_t ahead : {-40, 0, 7, 10, 20, 30, 5000}) {
        const unix_seconds last = 1'700'000'000 + ahead;
        driven d{schedule{seconds{10}, true, seconds{4}, last}, {}};
        CHECK(d.cycles.last() == last);
        d.start();
        CHECK((d.cycles.due() - d.now.steady).value <= 44 * second);
        d.wait_for_one();
        d.wait_for_one();
        are_consecutive(d.stamps, seconds{10});
        CHECK((d.stamps[0] > last || ahead == 5000));
    }
}

TEST_CASE("unaligned cycles begin with the exporter, in seconds that no other had") {
    driven d{schedule{seconds{10}, false, seconds{4}}, {}};
    d.now.pass(milliseconds(3'300));
    d.start();
    CHECK(d.cycles.due() == d.now.steady + seconds{10});
    d.wait_for_one();
    d.wait_for_one(seconds{3});
    CHECK(d.stamps == std::vector<unix_seconds>{1'700'000'013, 1'700'000'026});
    CHECK(d.cycles.take_last(d.now.steady, d.now.reading()).stamp == 1'700'000'027);
}

TEST_CASE("at the ends of time nothing overflows") {
    for (const unix_seconds system : {INT64_MIN, INT64_MIN / 2, std::int64_t{-1}, INT64_MAX}) {
        for (const bool aligned : {true, false}) {
            schedule s{seconds{31'536'000}, aligned, seconds{31'535'999}};
            s.start(instant{1}, extreme::at(instant{1}, system));
            const instant late{instant::never().ns - 1};
            CHECK(s.take(late, extreme::at(instant{2}, 5)));
            static_cast<void>(s.take(late, extreme::at(late, ~system)));
            CHECK(s.take_last(late, extreme::at(late, system)).missed == 0);
        }
    }
}

TEST_CASE("phases are spread evenly over the period, and are a host's own") {
    std::map<std::int64_t, int> tenths;
    for (int n = 0; n < 1000; ++n) {
        const auto phase = cycle_phase("web-" + std::to_string(n), "shop", seconds{10});
        CHECK(phase == cycle_phase("web-" + std::to_string(n), "shop", seconds{10}));
        ++tenths[phase.value / second];
    }
    REQUIRE(tenths.size() == 10);
    for (const auto& [tenth, hosts] : tenths) {
        INFO(tenth);
        CHECK(tenth < 10);
        CHECK(hosts > 60);
    }
    CHECK(cycle_phase("a", "b", seconds{10}) != cycle_phase("b", "a", seconds{10}));
    CHECK(cycle_phase("a", "b", seconds{10}) != cycle_phase("a", "c", seconds{10}));
}
