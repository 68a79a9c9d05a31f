// SPDX-License-Identifier: BSL-1.0
//
// Testing. One delivery machine in its real shell, on a simulated network. After every operation
// and every step independent witnesses check the machine's claims (docs/simulation.md lists the
// promises). The caller decides the events: run_schedule.hpp plays schedules.
#pragma once

#include <backends/core/counters.hpp>
#include <backends/core/time.hpp>
#include <backends/driver/shipping.hpp>
#include <backends/testing/age_witness.hpp>
#include <backends/testing/line_witness.hpp>
#include <backends/testing/promise.hpp>
#include <backends/testing/route_witness.hpp>
#include <backends/testing/schedule.hpp>
#include <backends/testing/simulated_lines.hpp>
#include <backends/testing/simulated_policies.hpp>
#include <backends/testing/simulated_transport.hpp>
#include <backends/testing/simulation_result.hpp>
#include <backends/testing/verdict.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace backends::inline BACKENDS_ISA::testing {

/// @tparam Policies       give the confirmation, overflow, back-off and observer under test
/// @tparam Proves         what the transport's acknowledgements prove
/// @tparam Ends           what ends a line
///
/// One at a time per thread: it sets the thread's simulated_clock. Not movable.
template <class Policies = default_policies, evidence Proves = evidence::kernel,
          record_end Ends = record_end::newline>
class delivery_simulation {
public:
    using policies = simulated_policies<Policies>;            ///< those under test, made repeatable
    using confirmation = typename policies::confirmation;     ///< the level under test
    static constexpr bool counts = Proves != evidence::none;  ///< what is unacknowledged
    /// Of the machine.
    using transport_type = simulated_transport<delivery_simulation, Proves, Ends>;
    using line_maker = simulated_lines<Ends>;  ///< makes lines for it

    static constexpr promise default_level = promise_over<confirmation, Proves>;  ///< of the level

    /// `what` must outlive it. `replays`: bytes that the level always keeps.
    explicit delivery_simulation(const schedule& what, promise level = default_level,
                                 std::size_t replays = 0)
        : schedule_{&what},
          prepared_{prepare(what.seed)},
          network_{*this, what.network},
          lines_{network_.promises,
                 {level, counts, Proves == evidence::application ? what.network.refuse_every : 0,
                  confirmation::holds, replays, what.options.poison_limit, what.poison,
                  what.poison_on_arrival}},
          ages_{network_.promises, what.options.max_age},
          route_{network_.promises, what.options, what.destinations, counts},
          shell_{transport_type{network_}, network_type::destinations(what.destinations),
                 what.options} {}

    delivery_simulation(const delivery_simulation&) = delete;
    delivery_simulation& operator=(const delivery_simulation&) = delete;
    ~delivery_simulation() {
        backoff_log::current = nullptr;
        observer_log::current = nullptr;
    }

    /// The thread's simulated time.
    [[nodiscard]] static instant now() noexcept { return simulated_clock::steady_now(); }
    /// Nullptr, or the first broken promise.
    [[nodiscard]] const char* broken() const noexcept { return network_.promises.broken(); }
    /// The machine's account.
    [[nodiscard]] const delivery_counters& counters() const noexcept {
        return shell_.lines().counters();
    }
    [[nodiscard]] auto& network() noexcept { return network_; }  ///< where the bytes go
    [[nodiscard]] auto& shell() noexcept { return shell_; }      ///< the driver with the machine
    [[nodiscard]] line_witness& lines() noexcept { return lines_; }  ///< the second account

    /// Hands in one line, which must be whole and differ from all others.
    void put(std::string_view line, std::size_t slack = 0) {
        auto& machine = shell_.lines();
        if (char* const room = machine.reserve(line.size() + slack)) {
            std::memset(room + line.size(), '#', slack);
            std::memcpy(room, line.data(), line.size());
            machine.commit(line.size(), 1);
            lines_.accepted(line);
        } else {
            machine.refuse(line.size(), 1);
            lines_.refused(line.size());
        }
        judge();
    }

    /// Runs the driver in the middle of a batch, which ends before the driver runs again.
    void drive_meanwhile() {
        network_.operations = 0;
        shell_.lines().begin_batch();
        in_batch_ = true;
        shell_.step(now());
        judge();
    }

    /// Runs the driver.
    void drive() {
        if (in_batch_) {
            end_batch();
        }
        network_.operations = 0;
        const instant until = shell_.step(now());
        judge();
        told_.compare(network_.promises, counters());
        ages_.see(now(), counters());
        const auto& machine = shell_.lines();
        require(until > now() || machine.stopped(),
                "D12 a deadline that has passed, and nothing to do");
        if (simulated_link* link = network_.link()) {
            lines_.check_in_flight(counters());
            if (machine.state() == delivery_phase::open) {
                route_.check_patience(*link, now());
                route_.check_renewal(link->written != 0 && machine.queue().at_batch_end(), now());
            }
        } else {
            require(counters().in_flight == amount{}, "D1 lines in flight without a connection");
        }
        if (network_.reaching()) {
            route_.check_reaching(now());
        }
        if (machine.state() == delivery_phase::waiting) {
            require(until <= now() + route_.longest_wait(),
                    "D12 waiting longer than the longest back-off");
        }
        if (route_.is_past_stop(now())) {
            require(machine.stopped(), "D7 the stop's deadline has passed");
        }
    }

    /// The program stops; the driver runs.
    void stop(nanoseconds within) {
        route_.stop(now() + within);
        shell_.lines().stop(now(), now() + within);
        drive();
    }

    /// The program ends a batch.
    void end_batch() {
        in_batch_ = false;
        shell_.lines().end_batch(now());
        ages_.batch_ended(now(), counters().accepted);
        judge();
    }
    /// Notes a broken promise, the first one.
    void require(bool good, const char* what) noexcept { network_.promises.require(good, what); }

    /// Checks the end of a stop. `cut`: the stop was short, so it may have dropped lines.
    void check_end(bool cut) noexcept {
        require(shell_.lines().stopped(), "D7 the stop does not come to an end");
        require(shell_.lines().queue().empty(), "D7 lines are left after the stop");
        // Only other lines can tell a line that kills every reader from an outage.
        const amount given_up = counters().dropped_for(drop_reason::shutdown);
        require(cut || given_up.lines <= (schedule_->poison == UINT64_MAX ? 0 : 1),
                "D7 a stop dropped lines that it could have delivered");
        lines_.check_end(counters());
    }

    /// What the run has found so far.
    [[nodiscard]] simulation_result result() noexcept {
        const auto& c = counters();
        event_hash all = network_.events;
        for (const std::uint64_t n :
             {c.accepted.bytes, c.confirmed.bytes, c.lost().bytes, c.replayed.bytes, c.sent_bytes,
              c.failures, lines_.read(), static_cast<std::uint64_t>(now().ns)}) {
            all.add(n);
        }
        return {broken(),
                all.value(),
                lines_.read(),
                lines_.duplicates(),
                c,
                shell_.lines().transitions()};
    }

    // ---- one failing operation

    std::uint64_t fail_at = UINT64_MAX;  ///< its number, counted from 1
    failing fail_how = failing::here;    ///< how the operation `fail_at` fails
    std::uint64_t performed = 0;         ///< operations so far

    // ---- events of the network (as its Watcher)

    void before_operation(bool is_close) noexcept {
        judge();
        if (++performed == fail_at) {
            fail();
        }
        if (!is_close && network_.link() != nullptr) {
            lines_.check_in_flight(counters());
        }
    }
    void resolving(std::size_t index) noexcept {
        told_.tried = index;
        route_.resolving(index, now());
    }
    void connecting(std::size_t endpoint) noexcept { route_.connecting(endpoint, now()); }
    void opened(simulated_link&) noexcept {
        lines_.opened(network_.destination());
        route_.opened(now());
    }
    void wrote(simulated_link& link, std::span<const char> offered, std::size_t n) noexcept {
        const std::uint64_t waiting = link.written - n - link.reported;
        require(!counts || waiting + offered.size() <= schedule_->options.max_in_flight,
                "D5 more is unacknowledged than allowed");
        // The bytes after the offered ones tell apart lines that begin alike.
        const std::string_view unsent = shell_.lines().queue().unsent();
        lines_.wrote(link, unsent.data() == offered.data() ? std::span{unsent} : offered, n);
        route_.wrote(link, n, now());
    }
    void found_no_room(simulated_link& link) noexcept { route_.found_no_room(link, now()); }
    void told_not_now(nanoseconds delay) noexcept { route_.told_not_now(now(), delay); }
    void half_closed(simulated_link&) noexcept {
        require(!lines_.inside_line(), "D2 our side was closed inside a line");
    }
    void closed(simulated_link& link) noexcept {
        if (counters().stalls != stalls_) {
            route_.stalled(link);
        }
        stalls_ = counters().stalls;
        if (link.half_closed && lines_.all_here_confirmed()) {
            route_.all_confirmed(now());
        }
        if (lines_.any_here_confirmed() || shell_.lines().queue().empty()) {
            route_.renewed();
        }
        const std::uint64_t lost = lines_.closed(link, counters());
        const std::uint64_t doubted = counters().acked_unconfirmed;
        const bool known = counts && network_.settings().knows_window;
        // We believe that a peer that closed after us has read everything.
        require(lost <= doubted - doubted_ || !known || (link.half_closed && link.peer_ended),
                "D3 lines are lost that the account does not doubt");
        doubted_ = doubted;
    }

private:
    using network_type = simulated_network<delivery_simulation>;

    bool prepare(std::uint64_t seed) noexcept {
        scheduled_random::seed = seed;
        backoff_log::current = &log_;
        observer_log::current = &told_;
        simulated_clock::now = manual_clock{};
        return true;
    }

    void fail() noexcept {
        network_.answer(false);
        if (simulated_link* link = network_.link()) {
            switch (fail_how) {
                case failing::here: link->local_error = true; break;
                case failing::there: link->reset(); break;
                case failing::ended: link->peer_closes(); break;
            }
        }
    }

    /// D1 and D5, and the witnesses.
    void judge() noexcept {
        const delivery_counters& c = counters();
        const auto& q = shell_.lines().queue();
        require(c.balanced(), "D1 the identity does not hold");
        require(q.size() <= q.capacity() && q.capacity() == schedule_->options.queue_bytes,
                "D5 more memory than allowed");
        require(c.queued.bytes + c.in_flight.bytes == q.size(),
                "D1 the queue holds something else");
        require((c.queued.bytes == 0) == (c.queued.lines == 0), "D1 queued lines are miscounted");
        require(c.in_flight.bytes == q.in_flight(), "D1 what is in flight is not what has begun");
        lines_.settle(c, network_.link());
        route_.check_backoff(log_, c);
    }

    const schedule* schedule_;
    bool in_batch_ = false;
    backoff_log log_;
    observer_log told_;
    bool prepared_;
    network_type network_;
    line_witness lines_;
    age_witness ages_;
    route_witness route_;
    shipping<transport_type, policies> shell_;
    std::uint64_t stalls_ = 0;
    std::uint64_t doubted_ = 0;  // in bytes, on all past connections
};

}  // namespace backends::testing
