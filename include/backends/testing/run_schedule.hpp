// SPDX-License-Identifier: BSL-1.0
//
// Testing. Plays schedules on a delivery simulation: run_schedule<Policies>(schedule) is one run
// from the first line to the stop, with a verdict.
#pragma once

#include <backends/core/time.hpp>
#include <backends/delivery/random.hpp>
#include <backends/testing/delivery_simulation.hpp>
#include <backends/testing/schedule.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace backends::inline BACKENDS_ISA::testing {

/// Performs the steps of a schedule.
///
/// @tparam Simulation  a delivery_simulation
template <class Simulation>
class schedule_player {
public:
    /// Both must outlive it. `keeps_tail`: the level never lets go of the last bytes.
    schedule_player(Simulation& world, const schedule& what, bool keeps_tail = false)
        : world_{world}, what_{what}, keeps_tail_{keeps_tail} {}

    /// Performs one step, and runs the driver.
    void take(const step& s) {
        world_.network().events.add(static_cast<std::uint64_t>(s.kind), s.amount);
        apply(s.kind, s.amount);
        if (fluent_) {
            flow_freely();
        }
        if (s.kind != step_kind::unnoticed) {
            world_.drive();
        }
    }

    /// Ends the schedule: heals the network, unless the end is a cut-off, and stops.
    void finish() {
        const bool cut = what_.end == run_end::cut_off;
        if (!cut) {
            world_.network().heal();
            find_hole();
        }
        if (what_.end == run_end::drained) {
            drain();
        }
        world_.stop(cut ? milliseconds(300) : nanoseconds{seconds{600}});
        for (unsigned round = 0; round != max_rounds && !lines().stopped() && !broken(); ++round) {
            if (!cut || round % 2 == 0) {
                flow_freely();
            }
            world_.drive();
            if (!cut && world_.lines().only_poison_left(lines().counters())) {
                pass(seconds{600});  // outlasts the wait for a line that will not come
            }
            wait();
        }
        if (!broken()) {
            world_.check_end(cut);
        }
    }

private:
    static constexpr unsigned max_rounds = 20'000;
    static constexpr unsigned max_lonely = 60;  // rounds in which no other line finds room
    static constexpr std::size_t everything = (std::numeric_limits<std::size_t>::max)() / 2;

    [[nodiscard]] auto& lines() noexcept { return world_.shell().lines(); }
    [[nodiscard]] bool broken() const noexcept { return world_.broken() != nullptr; }
    static void pass(nanoseconds time) noexcept { simulated_clock::now.advance(time); }

    void flow_freely() noexcept {
        if (simulated_link* link = world_.network().link()) {
            link->flow(everything, everything, everything);
        }
    }
    /// Fails a dead connection on which nothing awaits an acknowledgement, as a transport's
    /// keep-alive would.
    void find_hole() noexcept {
        if (simulated_link* link = world_.network().link()) {
            link->local_error = link->local_error || link->drops_data || link->drops_answers;
        }
    }
    /// Lets time pass until the machine's deadline, at most a second.
    void wait() noexcept {
        simulated_clock::now.advance_to((std::min)(lines().deadline(), world_.now() + seconds{1}));
    }
    /// A healthy network must deliver everything.
    void drain() {
        unsigned lonely = 0;
        for (unsigned round = 0; round != (keeps_tail_ ? 100 : max_rounds) && !broken(); ++round) {
            flow_freely();
            world_.drive();
            flow_freely();
            world_.drive();
            if (lines().queue().empty()) {
                return;
            }
            if (world_.lines().only_poison_left(lines().counters())) {
                if (++lonely == max_lonely) {
                    return;
                }
                put_some(0, 12);  // another line can tell it from an outage
            }
            if (Simulation::confirmation::holds != 0) {
                world_.end_batch();
            }
            wait();
        }
        world_.require(keeps_tail_, "D3 a healthy network, and lines that stay");
    }

    /// Lines of many lengths.
    void put_some(std::uint32_t amount, std::size_t longest = SIZE_MAX) {
        split_mix random{(std::uint64_t{amount} << 20) + maker_.made()};
        for (std::uint64_t n = 1 + amount % 6; n != 0; --n) {
            const std::size_t size = 10 + below(random, (std::min)(what_.longest_line, longest));
            world_.put(maker_.next(size), random() % 3 * 8);
            if (n % 3 == 0) {
                world_.drive_meanwhile();
            }
        }
    }

    /// Passes an hour of outage, with lines now and then, and then restores the destinations.
    void pass_outage(std::uint32_t amount) {
        auto& network = world_.network();
        const auto before = network.reaches;
        const instant end = world_.now() + seconds{3600};
        constexpr std::array ways{reach::closes, reach::resets, reach::away, reach::refuses};
        network.reaches.fill(ways[amount % ways.size()]);
        if (network.program_answers && (amount >> 8U) % 2 == 0) {
            network.reaches.fill(reach::accepts);  // its proxy answers that it is away
            network.moods.set_all(simulated_moods::mood::sullen);
        }
        for (unsigned turn = 0; turn != 24 && !broken(); ++turn) {
            if (turn % 8 == 0) {
                put_some(amount + turn);
                world_.end_batch();
            }
            if (simulated_link* link = network.link()) {
                link->flow(everything, turn % 3 * everything, 0);
            }
            world_.drive();
            simulated_clock::now.advance_to((std::min)(lines().deadline(), end));
        }
        simulated_clock::now.advance_to(end);
        network.reaches = before;
        network.moods = {};
    }

    static std::size_t some(std::uint32_t bits) noexcept {
        return (bits & 1U) != 0 ? bits % 40 : bits % 1000;
    }

    void apply(step_kind kind, std::uint32_t amount) {
        auto& network = world_.network();
        const std::size_t where = amount % what_.destinations;
        const std::uint32_t how = amount >> 4U;
        switch (kind) {
            case step_kind::lines: put_some(amount); return;
            case step_kind::batch: world_.end_batch(); return;
            case step_kind::pause:
                pass(nanoseconds{amount % 3 == 0 ? 0
                                                 : static_cast<std::int64_t>(amount % 20'000'000)});
                return;
            case step_kind::deadline:
                simulated_clock::now.advance_to(
                    (std::min)(lines().deadline(), world_.now() + seconds{30}));
                pass(nanoseconds{amount % 4 == 0 ? static_cast<std::int64_t>(amount % 3'000'000)
                                                 : 0});
                return;
            case step_kind::tick: pass(seconds{10}); return;
            case step_kind::suspend: pass(seconds{8 * 3600}); return;
            case step_kind::fluent: fluent_ = how % 3 != 0; return;
            case step_kind::name:
                if (how % 7 == lookup_kinds) {
                    network.names.move(where);
                } else {
                    network.names.set(where, static_cast<lookup>(how % 7));
                }
                return;
            case step_kind::door:
                network.reaches[where] = static_cast<reach>(how % reach_kinds);
                return;
            case step_kind::mood:
                network.moods.set(where, static_cast<simulated_moods::mood>(how % 3),
                                  seconds{(amount >> 8U) % 2 * (amount >> 9U) % 100});
                return;
            case step_kind::answer: network.answer(how % 3 != 0); return;
            case step_kind::heal: network.heal(); return;
            case step_kind::outage: pass_outage(amount); return;
            default: break;
        }
        if (simulated_link* const link = network.link()) {
            happen(*link, kind, amount, how);
        }
    }

    void happen(simulated_link& link, step_kind kind, std::uint32_t amount, std::uint32_t how) {
        switch (kind) {
            case step_kind::flow:
            case step_kind::unnoticed:
                link.flow(some(amount), some(amount >> 8U), some(amount >> 16U));
                return;
            case step_kind::reply:
                link.replies += link.peer_closed  ? 0
                                : amount % 5 == 0 ? amount % 5000
                                                  : amount % 50;
                return;
            case step_kind::flood: link.floods = !link.peer_closed && how % 3 != 0; return;
            case step_kind::narrow:
                link.largest_write = how % 4 == 0 ? everything : 1 + how % 7;
                return;
            case step_kind::busy: link.busy = 1 + how % 4; return;
            case step_kind::reset: link.reset(); return;
            case step_kind::kill:
                link.reset();
                world_.network().reaches[world_.network().destination()] = reach::refuses;
                return;
            case step_kind::close: link.peer_closes(); return;
            case step_kind::shut:
                // Some levels trust an end of stream; a peer that ends early and reads on lies.
                if (Simulation::confirmation::holds != 0) {
                    link.answers_end = false;
                } else {
                    link.peer_ended = !link.drops_answers;
                }
                return;
            case step_kind::hole: link.drops_data = true; return;
            case step_kind::deaf: link.drops_answers = true; return;
            case step_kind::trouble: link.local_error = true; return;
            default: return;
        }
    }

    Simulation& world_;
    const schedule& what_;
    bool keeps_tail_;
    bool fluent_ = false;
    typename Simulation::line_maker maker_;
};

/// One run: every step of the schedule, then its end.
///
/// @tparam Policies       give the confirmation, overflow, back-off and observer under test
/// @tparam Proves         what the transport's acknowledgements prove
/// @tparam Ends           what ends a line
/// @param level           the promise for confirmed lines
/// @param replays         bytes that the level always sends again
template <class Policies = default_policies, evidence Proves = evidence::kernel,
          record_end Ends = record_end::newline>
simulation_result run_schedule(
    const schedule& what,
    promise level = delivery_simulation<Policies, Proves, Ends>::default_level,
    std::size_t replays = 0) {
    delivery_simulation<Policies, Proves, Ends> world{what, level, replays};
    schedule_player player{world, what, replays != 0};
    for (const step& next : what.steps) {
        player.take(next);
        if (world.broken() != nullptr) {
            return world.result();
        }
    }
    player.finish();
    return world.result();
}

}  // namespace backends::testing
