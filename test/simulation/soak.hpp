// SPDX-License-Identifier: BSL-1.0
//
// One exporter's delivery for days on end: a batch every ten simulated seconds, faults all the
// time, every promise checked after every step, and the process's memory must stay what it was.
#pragma once

#include "variants.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <string_view>
#include <unistd.h>

namespace simulation {

/// Resident memory of this process in bytes; 0 where it cannot be told.
inline std::size_t resident_bytes() {
    std::size_t pages = 0;
    if (std::FILE* const f = std::fopen("/proc/self/statm", "r")) {
        if (std::fscanf(f, "%*s %zu", &pages) != 1) {
            pages = 0;
        }
        std::fclose(f);
    }
    return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

template <class Confirmation>
int soak_one(std::uint64_t days, std::uint64_t seed) {
    using namespace backends;
    using backends::testing::step_kind;
    using simulated = backends::testing::delivery_simulation<policies<Confirmation, drop_oldest>>;

    schedule what;
    what.draw(seed, Confirmation::holds, 0);
    what.options = {};
    what.options.queue_bytes = 2 * Confirmation::holds + 2000;
    what.options.max_in_flight = 400;
    what.options.stall_timeout = what.options.connect_timeout = seconds{20};
    what.options.max_backoff = seconds{10};
    what.network.dead_endpoints = 0;
    what.network.send_buffer = 700;
    what.destinations = 2;
    what.poison = UINT64_MAX;
    what.longest_line = 60;

    simulated world{what};
    backends::testing::schedule_player player{world, what};
    split_mix random{seed};
    const std::uint64_t ticks = days * 8640;
    std::size_t settled = 0;
    std::size_t most = 0;
    for (std::uint64_t tick = 0; tick != ticks && world.broken() == nullptr; ++tick) {
        player.take({step_kind::lines, static_cast<std::uint32_t>(random())});
        player.take({step_kind::batch, 0});
        player.take({step_kind::fluent, 16});
        for (int n = 0; n != 4; ++n) {
            backends::testing::step s = backends::testing::step_of(random());
            const bool fault = s.kind >= step_kind::reset && s.kind <= step_kind::door;
            if (s.kind == step_kind::lines || s.kind == step_kind::batch ||
                s.kind == step_kind::tick || s.kind == step_kind::suspend ||
                s.kind == step_kind::narrow || (fault && random() % 8 != 0)) {
                s.kind = step_kind::deadline;
            }
            player.take(s);
        }
        if (random() % 16 == 0) {
            player.take({step_kind::heal, 0});
        }
        player.take({step_kind::tick, 0});
        world.lines().compact();
        if (tick % 1024 == 0) {
            most = std::max(most, resident_bytes());
            settled = tick == 8 * 1024 ? most : settled;
        }
    }
    const auto& c = world.counters();
    std::printf(
        "%-12.*s %llu days, %llu ticks: %llu lines accepted, %llu confirmed, %llu dropped, %llu "
        "replayed, "
        "%llu connections, %llu stalls; memory grew by %zu KiB\n",
        static_cast<int>(Confirmation::name.size()), Confirmation::name.data(),
        static_cast<unsigned long long>(days), static_cast<unsigned long long>(ticks),
        static_cast<unsigned long long>(c.accepted.lines),
        static_cast<unsigned long long>(c.confirmed.lines),
        static_cast<unsigned long long>(c.lost().lines),
        static_cast<unsigned long long>(c.replayed.lines),
        static_cast<unsigned long long>(c.connections), static_cast<unsigned long long>(c.stalls),
        settled == 0 ? 0 : (most - settled) >> 10U);
    const bool grew = settled != 0 && most - settled > 256 * 1024;
    if (world.broken() != nullptr || grew) {
        std::printf("violation: %s\n",
                    world.broken() != nullptr ? world.broken() : "D5 memory grows");
        return 1;
    }
    return 0;
}

/// Each of the levels that are asked for; 0 when no promise was broken.
inline int soak(std::uint64_t days, std::uint64_t seed, std::string_view level) {
    int failed = 0;
    const auto asked = [&](std::string_view name) { return level == "all" || level == name; };
    if (asked("written")) {
        failed |= soak_one<backends::confirm::written>(days, seed);
    }
    if (asked("acked")) {
        failed |= soak_one<backends::confirm::acked>(days, seed);
    }
    if (asked("epoch")) {
        failed |= soak_one<backends::confirm::epoch<300>>(days, seed);
    }
    return failed;
}

}  // namespace simulation
