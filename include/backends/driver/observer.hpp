// SPDX-License-Identifier: BSL-1.0
//
// The observer concept: hooks into an exporter, for logs and tests. An observer has any subset of
// them (hooks.hpp); a missing hook costs nothing. All must be noexcept. The thread that drives the
// exporter calls them.
#pragma once

#include <backends/core/counters.hpp>
#include <backends/core/time.hpp>
#include <backends/driver/hooks.hpp>
#include <backends/transport/destination.hpp>

#include <cstdint>
#include <string_view>
#include <system_error>

namespace backends::inline BACKENDS_ISA {

// The library makes the calls below; each is empty for an observer without that hook.
namespace observe {

/// `on_tick(const counters&)`: a cycle has run.
template <class Observer>
void tick(Observer& o, const counters& now) noexcept {
    if constexpr (detail::has_on_tick<Observer>) {
        o.on_tick(now);
    }
}

/// `on_connected(const destination&)`.
template <class Observer>
void connected(Observer& o, const destination& where) noexcept {
    if constexpr (detail::has_on_connected<Observer>) {
        o.on_connected(where);
    }
}

/// `on_failure(const destination&, std::error_code)`: once for each of counters::failures. A
/// look-up, connect, write or read failed or took too long, a name has no address, or the peer
/// ended a connection with lines in flight.
template <class Observer>
void failure(Observer& o, const destination& where, std::error_code why) noexcept {
    if constexpr (detail::has_on_failure<Observer>) {
        o.on_failure(where, why);
    }
}

/// Whether an observer wants to see receivers' replies.
template <class Observer>
inline constexpr bool sees_replies = detail::has_on_reply<Observer>;

/// `on_reply(const destination&, std::string_view)`: the start of one reply line, at most 120
/// bytes, unescaped.
template <class Observer>
void reply(Observer& o, const destination& where, std::string_view line) noexcept {
    if constexpr (sees_replies<Observer>) {
        o.on_reply(where, line);
    }
}

/// `on_dropped(drop_reason, amount)`: the exporter gave up lines.
template <class Observer>
void dropped(Observer& o, drop_reason why, amount what) noexcept {
    if constexpr (detail::has_on_dropped<Observer>) {
        o.on_dropped(why, what);
    }
}

/// `on_refused_series(chart, dimension, std::error_code)`: the format cannot express this series;
/// it is not exported.
template <class Observer>
void refused_series(Observer& o, std::string_view chart, std::string_view dimension,
                    std::error_code why) noexcept {
    if constexpr (detail::has_on_refused_series<Observer>) {
        o.on_refused_series(chart, dimension, why);
    }
}

/// `on_merged_name(chart, dimension)`: another series has the same safe name; both are exported.
template <class Observer>
void merged_name(Observer& o, std::string_view chart, std::string_view dimension) noexcept {
    if constexpr (detail::has_on_merged_name<Observer>) {
        o.on_merged_name(chart, dimension);
    }
}

/// `on_postponed(chart, std::error_code)`: this chart could not be registered, mostly for lack of
/// memory; the next cycle tries again. Once per chart and cycle.
template <class Observer>
void postponed(Observer& o, std::string_view chart, std::error_code why) noexcept {
    if constexpr (detail::has_on_postponed<Observer>) {
        o.on_postponed(chart, why);
    }
}

/// `on_overrun(chart, std::uint64_t samples)`: the chart's ring overwrote this many samples before
/// a cycle came. Once per chart and cycle.
template <class Observer>
void overrun(Observer& o, std::string_view chart_id, std::uint64_t samples) noexcept {
    if constexpr (detail::has_on_overrun<Observer>) {
        o.on_overrun(chart_id, samples);
    }
}

/// `on_not_finite(chart, std::uint64_t values)`: this many of the chart's values were not sent,
/// because they are not finite or stamped before 1970. Once per chart and cycle.
template <class Observer>
void not_finite(Observer& o, std::string_view chart_id, std::uint64_t values) noexcept {
    if constexpr (detail::has_on_not_finite<Observer>) {
        o.on_not_finite(chart_id, values);
    }
}

/// `on_missed_ticks(std::uint64_t)`: this many cycles were due before this one and did not run;
/// this one exports their samples.
template <class Observer>
void missed_ticks(Observer& o, std::uint64_t cycles) noexcept {
    if constexpr (detail::has_on_missed_ticks<Observer>) {
        o.on_missed_ticks(cycles);
    }
}

/// `on_stamp_step(seconds by)`: the system's clock was set by this much, forward or back, and the
/// stamps follow it.
template <class Observer>
void stamp_step(Observer& o, seconds by) noexcept {
    if constexpr (detail::has_on_stamp_step<Observer>) {
        o.on_stamp_step(by);
    }
}

/// `on_refused_rows(chart, std::uint64_t rows)`: since the last cycle a chart refused this many
/// rows, each a second one in its slot, a late one, or one with a time to come.
template <class Observer>
void refused_rows(Observer& o, std::string_view chart_id, std::uint64_t rows) noexcept {
    if constexpr (detail::has_on_refused_rows<Observer>) {
        o.on_refused_rows(chart_id, rows);
    }
}

/// `on_clock_steps(chart, std::uint64_t times)`: since the last cycle a chart found the clock set
/// back this many times. Its rows continue in the next slots; none is lost.
template <class Observer>
void clock_steps(Observer& o, std::string_view chart_id, std::uint64_t times) noexcept {
    if constexpr (detail::has_on_clock_steps<Observer>) {
        o.on_clock_steps(chart_id, times);
    }
}

/// `on_restored(amount, std::uint64_t damaged)`: the spool held lines of an earlier run, or records
/// that were torn or altered and are left out. Once, during the exporter's construction.
template <class Observer>
void restored(Observer& o, amount what, std::uint64_t damaged) noexcept {
    if constexpr (detail::has_on_restored<Observer>) {
        o.on_restored(what, damaged);
    }
}

/// `on_spool_failure(std::error_code)`: accepted lines could not be written to disk. Delivery goes
/// on without the spool.
template <class Observer>
void spool_failure(Observer& o, std::error_code why) noexcept {
    if constexpr (detail::has_on_spool_failure<Observer>) {
        o.on_spool_failure(why);
    }
}

}  // namespace observe
}  // namespace backends
