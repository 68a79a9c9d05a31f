// SPDX-License-Identifier: BSL-1.0
//
// An exporter's steps, with any driver: a step runs the cycle that is due and continues delivery.
// It never blocks.
#pragma once

#include <backends/core/counters.hpp>
#include <backends/core/extremes.hpp>
#include <backends/core/inline.hpp>
#include <backends/core/request_body.hpp>
#include <backends/core/time.hpp>
#include <backends/driver/observer.hpp>
#include <backends/driver/shipping.hpp>
#include <backends/exporter/options.hpp>
#include <backends/exporter/positions.hpp>
#include <backends/exporter/sampling.hpp>
#include <backends/exporter/schedule.hpp>
#include <backends/exporter/sliced_queue.hpp>
#include <backends/exporter/tick.hpp>
#include <backends/format/wire_format.hpp>
#include <backends/monitor/step_time.hpp>
#include <backends/transport/needed_query.hpp>
#include <backends/transport/scheme.hpp>
#include <backends/transport/transport.hpp>

#include <atomic>
#include <cstddef>
#include <optional>
#include <utility>

namespace backends::inline BACKENDS_ISA {

namespace detail {
template <class Exporter>
class joint_exporter;  // joint_steps.hpp
}

/// @tparam Source, Format, Transport, Host, Policies  those of the exporter
///
/// Not thread-safe, except for skip_last_cycle().
template <class Source, class Format, class Transport, class Host, class Policies>
class steps {
public:
    using clock = typename Policies::clock;  ///< the policies' clock

    /// Throws config_error. Preconditions: the options are valid, and have a hostname.
    ///
    /// @param others  where another exporter ended; nullptr: begins where options::begin says
    steps(Host& from, const chart_positions* others, options&& settings, Transport&& transport,
          typename Policies::observer&& watching)
        : options_{std::move(settings)},
          shipping_{std::move(transport),
                    parse_destinations(options_.destination, Format::default_port,
                                       detail::schemes_of<Transport>()),
                    delivery_settings(options_), std::move(watching),
                    spool_settings(options_, Format::name)},
          tick_{from, options_, longest_line()},
          schedule_{options_.update_every, options_.align,
                    cycle_phase(options_.hostname, options_.prefix, options_.update_every),
                    others != nullptr ? others->newest_stamp : std::nullopt},
          sampling_{from} {
        if constexpr (!detail::query_of<detail::body_of<Format>>().empty()) {
            detail::require_query<detail::body_of<Format>>(parse_destinations(
                options_.destination, Format::default_port, detail::schemes_of<Transport>()));
        }
        if constexpr (detail::keeps_together<Transport> && detail::has_adding_lines<Format>) {
            shipping_.transport().keep_together(&Format::adds);
        }
        if constexpr (detail::has_resource<Format>) {
            using resource = detail::resource_text<Format, typename Policies::names>;
            shipping_.transport().resource(
                resource::of({options_.prefix, options_.hostname, options_.tags}));
        }
        tick_.begin(options_, others, shipping_.observer());
    }

    steps(const steps&) = delete;
    steps& operator=(const steps&) = delete;
    [[gnu::noinline]] ~steps() = default;

    [[nodiscard]] const options& settings() const noexcept { return options_; }  ///< as in use
    /// The driven one.
    [[nodiscard]] Transport& transport() noexcept { return shipping_.transport(); }
    /// The delivery machine.
    [[nodiscard]] const auto& lines() const noexcept { return shipping_.lines(); }

    /// The first cycle is due within a period of `now`.
    void begin(instant now) noexcept {
        schedule_.start(now, clock_reading::now<clock>());
        sampling_.start(now);
    }

    /// Does what is due, and returns when to call again at the latest.
    ///
    /// @param stop_at  the deadline of the stop, if one was asked for
    instant step(instant now, std::optional<instant> stop_at) {
        std::optional<step_time<>::step> measured;
        if (options_.self_monitoring && (stop_at || has_work(now))) {
            measured.emplace(cpu_);  // a poll without work makes no system call for it
        }
        if (stop_at != stop_at_) {  // a new stop, or an earlier deadline
            if (!stop_at_ && has_last_cycle()) {
                sampling_.run_rest(now);
                do {
                    run_tick(now, schedule_.take_last(now, clock_reading::now<clock>()));
                } while (tick_.has_successors());
                now = detail::larger(now, clock::steady_now());  // large cycles take their time
            }
            stop_at_ = stop_at;
            shipping_.lines().stop(now, *stop_at);
        } else if (!stop_at_ && now >= next_due()) {
            if (const auto due = take_due(now)) {
                run_tick(now, *due);
            }
        }
        return end_step(now);
    }

    /// Gives up the undelivered lines at once.
    void give_up(instant now) noexcept { shipping_.give_up(now); }

    /// Makes a stop skip its last cycle, unless charts were removed since. Any thread.
    void skip_last_cycle() noexcept { skips_last_ = true; }

    /// How far each chart was exported, and up to which stamp. Allocates.
    [[nodiscard]] chart_positions positions() const {
        chart_positions all = tick_.positions();
        all.newest_stamp = schedule_.last();
        return all;
    }

    /// The account of now.
    [[nodiscard]] backends::counters counters() const noexcept {
        return {tick_.counters(), shipping_.lines().counters(), shipping_.spooled()};
    }

private:
    [[nodiscard]] std::size_t longest_line() noexcept {
        std::size_t most = Format::limits.line;
        if constexpr (line_bounding_transport<Transport>) {
            most = detail::smaller(most, shipping_.transport().longest_line());
        }
        if constexpr (detail::has_answers<Transport>) {
            most = detail::smaller(most,
                                   options_.unacknowledged_bytes / 2);  // a line is answered whole
        }
        return most;
    }
    [[nodiscard]] instant next_due() const noexcept {
        return detail::smaller(schedule_.due(), sampling_.due());
    }

    /// Samples what is due, and returns the cycle that is due, if there is one.
    BACKENDS_INLINE std::optional<schedule::cycle> take_due(instant now) noexcept {
        sampling_.run(now);
        if (now < schedule_.due()) {
            return std::nullopt;  // a slot of the instruments alone
        }
        return schedule_.take(now, clock_reading::now<clock>());
    }
    BACKENDS_INLINE instant end_step(instant now) {
        tick_.tell_step(schedule_.clock_sets(), schedule_.last_set_by(), shipping_.observer());
        const instant until = shipping_.step(now);
        return stop_at_ ? until : detail::smaller(until, next_due());
    }

    /// Whether there is work, as far as we know without asking the transport.
    [[nodiscard]] bool has_work(instant now) const noexcept {
        const delivery_counters& all = shipping_.lines().counters();
        return now >= next_due() || all.accepted != all.confirmed + all.lost();
    }

    [[nodiscard]] bool has_last_cycle() {
        return !skips_last_ || tick_.has_last_readings(shipping_.observer());
    }

    void run_tick(instant now, const schedule::cycle& due) noexcept {
        shipping_.lines().begin_batch();
        sliced_queue into{shipping_, now};
        tick_.run(options_, due, cpu_.sum(), into, shipping_.observer());
        end_tick(now);
    }
    BACKENDS_INLINE void end_tick(instant now) noexcept {
        shipping_.lines().end_batch(now);
        observe::tick(shipping_.observer(), counters());
    }

    template <class Exporter>
    friend class detail::joint_exporter;
    using shipping_type = shipping<Transport, Policies, reply_lines<Format>>;

    options options_;
    shipping_type shipping_;
    backends::tick<Source, Format, Host, Policies> tick_;
    backends::schedule schedule_;
    backends::sampling<clock, Host> sampling_;
    step_time<> cpu_;
    std::atomic<bool> skips_last_{false};
    std::optional<instant> stop_at_;  // the deadline that the machine has
};

}  // namespace backends
