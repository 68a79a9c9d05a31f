// SPDX-License-Identifier: BSL-1.0
#include <backends/delivery/machine.hpp>

#include "catch.hpp"
#include "unit/delivery/world.hpp"

#include <cstdint>
#include <string>

namespace {

using backends::confirm::acked;
using backends::confirm::acked_replay;
using backends::confirm::epoch;
using backends::confirm::written;
using world::level;
using world::watched_newest;
using world::watched_oldest;

backends::delivery_options random_options(std::mt19937_64& random, std::size_t holds) {
    const auto pick = [&](std::uint64_t first, std::uint64_t last) {
        return static_cast<std::size_t>(first + random() % (last - first + 1));
    };
    backends::delivery_options o;
    o.queue_bytes = 2 * holds + pick(100, 3000);
    o.batches = pick(0, 6);
    o.max_in_flight = pick(1, 400);
    o.poison_limit = static_cast<unsigned>(pick(1, 4));
    o.max_endpoints = pick(1, 3);
    o.reply_budget = pick(1, 500);
    return o;
}

template <class Confirmation>
inline constexpr bool keeps_tail = false;
template <>
inline constexpr bool keeps_tail<acked_replay<200>> = true;

/// One schedule: a few hundred random events, then a healthy network, then the stop.
template <class Confirmation, class Overflow>
void run(std::uint64_t seed, level promise, world::options how) {
    std::mt19937_64 random{seed};
    const auto settings = random_options(random, Confirmation::holds);
    const std::size_t destinations = 1 + random() % 3;
    using machine = backends::delivery<Confirmation, Overflow>;
    world::world<machine> w{seed, settings, destinations, promise, how};
    w.endpoints = w.pick(4);
    w.resolve_odds = {static_cast<unsigned>(1 + w.pick(10)), static_cast<unsigned>(w.pick(4)),
                      static_cast<unsigned>(w.pick(3))};
    w.connect_odds = {static_cast<unsigned>(1 + w.pick(10)), static_cast<unsigned>(w.pick(6)),
                      static_cast<unsigned>(w.pick(3))};
    const unsigned trouble = static_cast<unsigned>(w.pick(15));
    const std::size_t longest = 5 + w.pick(w.chance(20) ? 700 : 80);
    const auto some = [&] { return static_cast<std::size_t>(w.pick(w.chance(50) ? 40 : 1000)); };

    for (int event = 0; event != 250; ++event) {
        const std::uint64_t what = w.pick(100);
        if (what < 15) {
            for (std::uint64_t n = w.pick(8); n != 0; --n) {
                w.produce(3 + w.pick(longest));
            }
            if (w.chance(80)) {
                w.end_batch();
            }
        } else if (what < 55) {
            w.move(some(), some(), some());
        } else if (what < 60) {
            w.reply(w.pick(w.chance(80) ? 50 : 5000));
        } else if (what < 60 + trouble) {
            switch (w.pick(4)) {
                case 0: w.reset(); break;
                case 1: w.peer_closes(); break;
                case 2: w.answer_late(); break;
                default: w.throw_stale_events(); break;
            }
        } else if (what < 80) {
            w.advance(backends::nanoseconds{static_cast<std::int64_t>(w.pick(20'000'000))});
        } else if (what < 90) {
            w.advance_to_deadline(backends::seconds{30});
        } else {
            w.step();
        }
        if (w.chance(70)) {
            w.drive();
        }
    }

    // From here on the network is healthy: everything must come to its end.
    w.resolve_odds = w.connect_odds = {1, 0, 0};
    w.endpoints = 1 + w.pick(3);
    const auto& c = w.machine().counters();
    if (w.chance(70)) {
        const bool held = Confirmation::holds != 0;
        for (int round = 0; round != 10000; ++round) {
            w.drive();
            w.move(10000, 10000, 10000);
            w.drive();
            const auto& queue = w.machine().queue();
            if (keeps_tail<Confirmation> ? queue.sent() == queue.size() : queue.empty()) {
                break;
            }
            if (held) {
                w.end_batch();
            }
            w.advance_to_deadline(backends::seconds{1});
        }
        // A fixed replay window keeps its last bytes until the stop.
        if (!keeps_tail<Confirmation>) {
            world::require(w.machine().queue().empty(), "a healthy network, and lines that stay");
        }
    }
    const bool healthy = w.chance(60);
    w.stop(backends::milliseconds(healthy ? 600'000 : 300));
    for (int round = 0; round != 20000 && !w.machine().stopped(); ++round) {
        w.drive();
        if (healthy) {
            w.move(10000, 10000, 10000);
        } else {
            w.move(some(), some(), some());
        }
        w.drive();
        w.advance_to_deadline(backends::seconds{1});
    }
    world::require(w.machine().stopped(), "stop() does not come to an end");
    world::require(w.machine().queue().empty(), "lines left after the stop");
    world::require(c.accepted == c.confirmed + c.lost(), "the account does not close");
    if (healthy) {
        // A line that kills every reader can be told from an outage by other lines alone.
        world::require(c.dropped[static_cast<std::size_t>(backends::drop_reason::shutdown)].lines <=
                           (how.poison ? 1 : 0),
                       "a healthy network, all the time of the world, and lines dropped");
    }
}

template <class Confirmation, class Overflow>
void run_many(std::uint64_t first, std::uint64_t count, level promise, world::options how) {
    for (std::uint64_t seed = first; seed != first + count; ++seed) {
        try {
            run<Confirmation, Overflow>(seed, promise, how);
        } catch (const world::violation& v) {
            FAIL("seed " << seed << ": " << v.what());
        }
    }
    SUCCEED();
}

constexpr std::uint64_t schedules = 600;

}  // namespace

TEST_CASE("acknowledged lines arrived, whatever the network does") {
    run_many<acked, watched_oldest>(1, schedules, level::acked, {});
    run_many<acked, watched_newest>(1'000'000, schedules, level::acked, {});
}

TEST_CASE("a transport that cannot count keeps the account all the same") {
    run_many<acked, watched_oldest>(2'000'000, schedules, level::written, {.can_count = false});
}

TEST_CASE("written lines are confirmed at once, and the account holds") {
    run_many<written, watched_oldest>(3'000'000, schedules, level::written, {});
}

TEST_CASE("lines of an epoch are confirmed only when the peer has read them") {
    run_many<epoch<300>, watched_oldest>(4'000'000, schedules, level::read, {});
    run_many<epoch<100, 3>, watched_newest>(5'000'000, schedules, level::read, {});
}

TEST_CASE("with the window deficit, confirmed lines have been read") {
    run_many<acked_replay<backends::confirm::window_deficit, 600>, watched_oldest>(
        6'000'000, schedules, level::read, {.knows_window = true});
}

TEST_CASE("a fixed replay window confirms only lines that arrived") {
    run_many<acked_replay<200>, watched_oldest>(7'000'000, schedules, level::acked, {});
}

TEST_CASE("a line that kills its reader does not keep the others from it") {
    run_many<acked, watched_oldest>(8'000'000, schedules, level::acked, {.poison = 5});
    run_many<epoch<300>, watched_oldest>(9'000'000, schedules, level::read, {.poison = 5});
    run_many<acked_replay<200>, watched_oldest>(10'000'000, schedules, level::acked, {.poison = 5});
}
