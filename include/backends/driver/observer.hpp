// SPDX-License-Identifier: BSL-1.0
//
// The observer concept: hooks into an exporter, for logs and tests. An observer has any subset of
// them (hooks.hpp); one that is missing costs nothing. All must be noexcept, and all are called on
// the thread that drives the exporter.
#pragma once

#include <backends/core/counters.hpp>
#include <backends/core/time.hpp>
#include <backends/driver/hooks.hpp>
#include <backends/transport/destination.hpp>

#include <cstdint>
#include <string_view>
#include <system_error>

namespace backends::inline BACKENDS_ISA {

// The calls below are what the library uses; each is empty for an observer without that hook.
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

/// `on_failure(const destination&, std::error_code)`: what counters::failures counts, each:
/// resolving, connecting, writing or reading failed or took too long, a name has no address, or the
/// peer ended a connection with lines owed.
template <class Observer>
void failure(Observer& o, const destination& where, std::error_code why) noexcept {
    if constexpr (detail::has_on_failure<Observer>) {
        o.on_failure(where, why);
    }
}

/// Whether an observer wants to see what receivers say back.
template <class Observer>
inline constexpr bool sees_replies = detail::has_on_reply<Observer>;

/// `on_reply(const destination&, std::string_view)`: the receiver said this, any bytes at all: the
/// first of a line of its.
template <class Observer>
void reply(Observer& o, const destination& where, std::string_view line) noexcept {
    if constexpr (sees_replies<Observer>) {
        o.on_reply(where, line);
    }
}

/// `on_dropped(drop_reason, amount)`: lines were given up.
template <class Observer>
void dropped(Observer& o, drop_reason why, amount what) noexcept {
    if constexpr (detail::has_on_dropped<Observer>) {
        o.on_dropped(why, what);
    }
}

/// `on_refused_series(chart, dimension, std::error_code)`: the format cannot express this series,
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

/// `on_postponed(chart, std::error_code)`: this chart could not be registered, as a rule for want
/// of memory; the next cycle tries again. Once a chart and cycle.
template <class Observer>
void postponed(Observer& o, std::string_view chart, std::error_code why) noexcept {
    if constexpr (detail::has_on_postponed<Observer>) {
        o.on_postponed(chart, why);
    }
}

/// `on_overrun(chart, std::uint64_t samples)`: so many were overwritten in the chart's ring before
/// a cycle came. Once a chart and cycle.
template <class Observer>
void overrun(Observer& o, std::string_view chart_id, std::uint64_t samples) noexcept {
    if constexpr (detail::has_on_overrun<Observer>) {
        o.on_overrun(chart_id, samples);
    }
}

/// `on_not_finite(chart, std::uint64_t values)`: so many of the chart's were kept off the wire, not
/// finite or stamped before 1970. Once a chart and cycle.
template <class Observer>
void not_finite(Observer& o, std::string_view chart_id, std::uint64_t values) noexcept {
    if constexpr (detail::has_on_not_finite<Observer>) {
        o.on_not_finite(chart_id, values);
    }
}

/// `on_missed_ticks(std::uint64_t)`: so many cycles were due before this one and did not run; this
/// one has their samples.
template <class Observer>
void missed_ticks(Observer& o, std::uint64_t cycles) noexcept {
    if constexpr (detail::has_on_missed_ticks<Observer>) {
        o.on_missed_ticks(cycles);
    }
}

/// `on_stamp_step(seconds by)`: the system's clock was set by so much, forward or back, and the
/// stamps follow it.
template <class Observer>
void stamp_step(Observer& o, seconds by) noexcept {
    if constexpr (detail::has_on_stamp_step<Observer>) {
        o.on_stamp_step(by);
    }
}

/// `on_refused_rows(chart, std::uint64_t rows)`: since the last cycle a chart refused so many rows,
/// each a second one in its slot, late, or of a time to come.
template <class Observer>
void refused_rows(Observer& o, std::string_view chart_id, std::uint64_t rows) noexcept {
    if constexpr (detail::has_on_refused_rows<Observer>) {
        o.on_refused_rows(chart_id, rows);
    }
}

/// `on_clock_steps(chart, std::uint64_t times)`: since the last cycle a chart found so many times
/// that the clock was set back. Its rows go on in the next slots, nothing is lost.
template <class Observer>
void clock_steps(Observer& o, std::string_view chart_id, std::uint64_t times) noexcept {
    if constexpr (detail::has_on_clock_steps<Observer>) {
        o.on_clock_steps(chart_id, times);
    }
}

/// `on_restored(amount, std::uint64_t damaged)`: the spool had lines of an earlier run, or records
/// that were torn or altered and are left out. Called once, while the exporter is constructed.
template <class Observer>
void restored(Observer& o, amount what, std::uint64_t damaged) noexcept {
    if constexpr (detail::has_on_restored<Observer>) {
        o.on_restored(what, damaged);
    }
}

/// `on_spool_failure(std::error_code)`: what was accepted could not be written to disk. Delivery
/// goes on without.
template <class Observer>
void spool_failure(Observer& o, std::error_code why) noexcept {
    if constexpr (detail::has_on_spool_failure<Observer>) {
        o.on_spool_failure(why);
    }
}

}  // namespace observe
}  // namespace backends
