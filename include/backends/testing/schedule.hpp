// SPDX-License-Identifier: BSL-1.0
//
// Testing. The events of one simulated run, as data: settings and a list of steps, all drawn from
// one seed. A test can cut the list and run it again to make a long failure short.
#pragma once

#include <backends/core/time.hpp>
#include <backends/delivery/options.hpp>
#include <backends/delivery/random.hpp>
#include <backends/testing/simulated_network.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace backends::inline BACKENDS_ISA::testing {

/// One event. The driver runs after each, except after `unnoticed`.
enum class step_kind : std::uint8_t {
    lines,      ///< the program hands in some lines
    batch,      ///< ... and ends a batch
    pause,      ///< up to 20 ms pass; often none at all, as on a frozen or coarse clock
    deadline,   ///< time passes until the machine wants to be called
    tick,       ///< ten seconds pass
    suspend,    ///< eight hours pass at once
    flow,       ///< some bytes arrive, some are acknowledged, some are read
    fluent,     ///< from now on everything arrives and is read at once, or no longer
    unnoticed,  ///< some bytes flow, and the driver does not run
    reply,      ///< the peer sends a reply
    flood,      ///< the peer never stops sending replies
    narrow,     ///< the next writes are short: one byte, or a few
    busy,       ///< the next writes find no room
    reset,      ///< the connection is reset
    kill,       ///< the peer's program dies, and nobody listens there for a while
    close,      ///< the peer closes
    shut,       ///< the peer closes its direction and goes on reading
    hole,       ///< our bytes get lost
    deaf,       ///< the peer's acknowledgements get lost
    trouble,    ///< our own kernel fails the next operation
    name,       ///< a destination's name resolves in another way
    door,       ///< a destination handles connects in another way
    mood,       ///< a destination's program says "not now", once or always, or takes lines again
    answer,     ///< hanging operations end
    heal,       ///< all destinations work again
    outage,     ///< for an hour there are proxies without receivers at all destinations
    count_
};
/// How many there are.
inline constexpr std::size_t step_kinds = static_cast<std::size_t>(step_kind::count_);

/// The enumerator's name.
constexpr std::string_view to_string(step_kind kind) noexcept {
    constexpr std::array<std::string_view, step_kinds> names{
        "lines",  "batch",     "pause",  "deadline", "tick",   "suspend", "flow",
        "fluent", "unnoticed", "reply",  "flood",    "narrow", "busy",    "reset",
        "kill",   "close",     "shut",   "hole",     "deaf",   "trouble", "name",
        "door",   "mood",      "answer", "heal",     "outage"};
    return names[static_cast<std::size_t>(kind)];
}

/// `amount` says how much, where and for how long; each kind reads it in its own way.
struct step {
    step_kind kind = step_kind::pause;  ///< what happens
    std::uint32_t amount = 0;           ///< how much of it
};

/// How a run ends. All but `cut_off` heal the network first.
enum class run_end : std::uint8_t {
    drained,  ///< everything must be delivered, then a stop
    stopped,  ///< a stop with all the time it needs: nothing may be dropped
    cut_off,  ///< a stop that must end in time, whatever the network does
};

/// The complete input of one run.
struct schedule {
    std::uint64_t seed = 0;             ///< of everything random in the run
    delivery_options options;           ///< the machine's
    network_settings network;           ///< how it behaves at first
    std::size_t destinations = 1;       ///< 1 to max_destinations
    std::uint64_t poison = UINT64_MAX;  ///< the number of the line that kills its reader
    bool poison_on_arrival = false;     ///< see fatal_bytes::on_arrival
    std::size_t longest_line = 60;      ///< bytes
    run_end end = run_end::drained;     ///< after the steps
    std::vector<step> steps;            ///< in order

    /// Draws all members anew; keeps the memory of the steps.
    ///
    /// @param holds   the confirmation's; the queue must hold at least twice as much
    /// @param length  the number of steps
    void draw(std::uint64_t from_seed, std::size_t holds, std::size_t length = 120);

    /// The steps as one line of text.
    [[nodiscard]] std::string text() const {
        std::string out;
        for (const step& s : steps) {
            out += std::string{to_string(s.kind)} + ":" + std::to_string(s.amount) + " ";
        }
        return out;
    }
};

namespace detail {

/// How often each kind occurs, relative to the sum.
inline constexpr std::array<unsigned char, step_kinds> step_weights{
    14, 10, 12, 12, 3, 1, 24, 4, 4, 3, 1, 2, 2, 2, 2, 2, 1, 1, 1, 1, 3, 3, 3, 3, 3, 1};

constexpr std::array<step_kind, 256> step_table() {
    std::array<step_kind, 256> table{};
    unsigned sum = 0;
    for (const unsigned weight : step_weights) {
        sum += weight;
    }
    unsigned before = 0;
    for (std::size_t kind = 0; kind != step_kinds; ++kind) {
        for (unsigned i = 256 * before / sum; i != 256 * (before + step_weights[kind]) / sum; ++i) {
            table[i] = static_cast<step_kind>(kind);
        }
        before += step_weights[kind];
    }
    return table;
}

}  // namespace detail

/// Any bits give a step, also a fuzzer's.
constexpr step step_of(std::uint64_t bits) noexcept {
    constexpr auto table = detail::step_table();
    return {table[bits & 255], static_cast<std::uint32_t>(bits >> 8)};
}

inline void schedule::draw(std::uint64_t from_seed, std::size_t holds, std::size_t length) {
    seed = from_seed;
    split_mix random{from_seed};
    const auto pick = [&](std::uint64_t first, std::uint64_t last) {
        return static_cast<std::size_t>(first + random() % (last - first + 1));
    };
    const auto chance = [&](unsigned percent) { return random() % 100 < percent; };

    options = {};
    options.queue_bytes = 2 * holds + pick(100, 2000);
    options.batches = pick(0, 6);
    options.max_in_flight = chance(20) ? pick(1, 20) : pick(20, 600);
    options.poison_limit = static_cast<unsigned>(pick(1, 4));
    options.max_endpoints = pick(1, 3);
    options.reply_budget = pick(1, 500);
    options.max_backoff = milliseconds(static_cast<std::int64_t>(pick(100, 20'000)));

    network = {};
    network.seed = random();
    network.send_buffer = pick(16, 700);
    network.receive_buffer = pick(16, 700);
    network.endpoints = pick(1, 3);
    network.dead_endpoints = chance(20) ? pick(0, 3) : 0;
    destinations = pick(1, 3);
    poison = chance(15) ? pick(0, 20) : UINT64_MAX;
    poison_on_arrival = chance(50);
    longest_line = chance(15) ? pick(100, 700) : pick(12, 80);
    const std::size_t ending = pick(0, 9);
    end = ending < 6 ? run_end::drained : ending < 8 ? run_end::stopped : run_end::cut_off;

    // A run's faults have one of three strengths; always at full strength nothing would arrive.
    const std::size_t strength = pick(0, 2);
    steps.clear();
    while (steps.size() != length) {
        const step s = step_of(random());
        if (s.kind < step_kind::reset || strength == 2 || (strength == 1 && (s.amount & 3U) == 0)) {
            steps.push_back(s);
        } else if (strength == 0) {
            steps.push_back({step_kind::flow, s.amount});
        }
    }
    if (chance(15)) {
        options.max_age = milliseconds(static_cast<std::int64_t>(pick(1, 40'000)));
    }
    network.knows_window = chance(30);
    options.max_delay = seconds{static_cast<std::int64_t>(pick(1, 60))};
    network.refuse_every = chance(50) ? static_cast<unsigned>(pick(1, 9)) : 0;
    if (chance(20)) {
        options.renew_every = milliseconds(static_cast<std::int64_t>(pick(1, 30'000)));
    }
}

}  // namespace backends::testing
