// SPDX-License-Identifier: BSL-1.0
//
// One small delivery, repeated with each of its steps failing in turn. However often the network
// fails once, every line is confirmed, and nothing is dropped.
#include <backends/delivery/machine.hpp>

#include "catch.hpp"
#include "unit/delivery/world.hpp"

#include <cstddef>

namespace {

using world::level;

/// The number of actions that it took.
template <class Confirmation>
std::size_t deliver(level promise, std::size_t write_size, std::optional<std::size_t> fail_at,
                    bool can_count) {
    using machine = backends::delivery<Confirmation, world::watched_oldest>;
    backends::delivery_options settings;
    settings.queue_bytes = 4096;
    settings.max_in_flight = 48;
    world::world<machine> w{
        fail_at.value_or(0) * 64 + write_size, settings, 2, promise, {.can_count = can_count}};
    w.largest_write = write_size;
    w.endpoints = 2;
    w.fail_at = fail_at;
    const auto run = [&](auto done) {
        for (int round = 0; round != 2000 && !done(); ++round) {
            w.drive();
            w.move(1000, 1000, 1000);
            w.drive();
            w.advance_to_deadline(backends::seconds{1});
        }
        world::require(done(), "no end");
    };
    for (int batch = 0; batch != 2; ++batch) {
        for (int line = 0; line != 3; ++line) {
            w.produce(7 + 5 * static_cast<std::size_t>(line));
        }
        w.end_batch();
        w.drive();
        w.reply(10);
        w.move(20, 10, 10);
        w.drive();
    }
    w.stop(backends::seconds{3600});
    run([&] { return w.machine().stopped(); });
    const auto& c = w.machine().counters();
    world::require(c.confirmed.lines == 6, "lines that one failure lost");
    world::require(c.lost().lines == 0, "lines dropped");
    world::require(c.replayed.lines <= 6, "more duplicates than one failure explains");
    world::require(fail_at || c.replayed.lines == 0, "duplicates without a failure");
    world::require(fail_at || c.failures == 0, "failures without a failure");
    if (can_count && promise != level::written) {
        for (std::size_t id = 0; id != 6; ++id) {
            world::require(w.times_read(id) != 0 || c.failures != 0, "a line that nobody read");
        }
    }
    return w.performed;
}

template <class Confirmation>
void fail_at_every_step(level promise, bool can_count = true) {
    std::size_t runs = 0;
    for (std::size_t write_size = 1; write_size <= 64; ++write_size) {
        const std::size_t steps =
            deliver<Confirmation>(promise, write_size, std::nullopt, can_count);
        for (std::size_t k = 0; k != steps; ++k) {
            try {
                deliver<Confirmation>(promise, write_size, k, can_count);
                ++runs;
            } catch (const world::violation& v) {
                FAIL("writes of " << write_size << ", step " << k << ": " << v.what());
            }
        }
    }
    CHECK(runs > 64 * 10);
}

}  // namespace

TEST_CASE("no step that fails once loses a line, at any confirmation level") {
    SECTION("written") { fail_at_every_step<backends::confirm::written>(level::written); }
    SECTION("acked") { fail_at_every_step<backends::confirm::acked>(level::acked); }
    SECTION("acked, but the transport cannot count") {
        fail_at_every_step<backends::confirm::acked>(level::written, false);
    }
    SECTION("acked with a replayed window") {
        fail_at_every_step<backends::confirm::acked_replay<20>>(level::acked);
    }
    SECTION("epoch") { fail_at_every_step<backends::confirm::epoch<40>>(level::read); }
}
