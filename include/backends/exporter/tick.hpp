// SPDX-License-Identifier: BSL-1.0
//
// The lines of one tick: those of the host's charts, and those of the exporter's own account, with
// the same stamp.
#pragma once

#include <backends/core/counters.hpp>
#include <backends/core/export_names.hpp>
#include <backends/core/inline.hpp>
#include <backends/core/time.hpp>
#include <backends/exporter/cycle.hpp>
#include <backends/exporter/options.hpp>
#include <backends/exporter/own_lines.hpp>
#include <backends/exporter/positions.hpp>
#include <backends/exporter/schedule.hpp>
#include <backends/exporter/told_folds.hpp>
#include <backends/monitor/monitor.hpp>

#include <cstdint>

namespace backends::inline BACKENDS_ISA {

/// @tparam Source    the data source, or a reduction that stands for one
/// @tparam Format    the wire format
/// @tparam Host      the host's type
/// @tparam Policies  for its clock and names
///
/// Not thread-safe; others may record into the charts meanwhile, as their policy says.
template <class Source, class Format, class Host, class Policies>
class tick {
public:
    /// The host must outlive it. Throws config_error for names and tags that the format cannot
    /// carry.
    ///
    /// @param longest  of a line, in bytes
    tick(const Host& from, const options& settings, std::size_t longest = Format::limits.line)
        : host_{from},
          charts_{names_of(settings), series_filter{settings}, longest},
          monitor_{settings.prefix, settings.update_every},
          own_lines_{names_of(settings), longest} {}

    tick(const tick&) = delete;
    tick& operator=(const tick&) = delete;
    [[gnu::noinline]] ~tick() = default;

    /// What cycles have counted.
    [[nodiscard]] const cycle_counters& counters() const noexcept { return count_; }

    /// Registers the present charts. The first reading of each begins where another exporter ended,
    /// if there was one, or where options::begin says. Throws like follow().
    template <class Observer>
    void begin(const options& settings, const chart_positions* others, Observer& observer) {
        if (others != nullptr) {
            charts_.follow(host_, observer, count_, [&](const auto& one) noexcept {
                return detail::chart_begin{others->of(one.id(), &one, one.labels()),
                                           others->read_of(one.id(), &one, one.labels())};
            });
        } else {
            charts_.follow(host_, observer, count_, detail::beginning<Host>{host_, settings});
        }
        if (settings.self_monitoring) {
            own_lines_.follow(monitor_, observer, count_);
        }
    }
    /// How far each chart was exported. Allocates.
    [[nodiscard]] chart_positions positions() const {
        chart_positions all;
        charts_.tell(all);
        return all;
    }

    /// Registers charts that were added since the last call. May throw std::bad_alloc; the next
    /// call goes on where this one stopped.
    template <class Observer>
    void follow(Observer& observer) {
        charts_.follow(host_, observer, count_);
    }

    /// Reports that the system's clock was set, and the cycles' stamps follow it.
    template <class Observer>
    void tell_step(std::uint64_t times, seconds by, Observer& observer) noexcept {
        if (times != count_.stamp_steps) {
            count_.stamp_steps = times;
            observe::stamp_step(observer, by);
        }
    }

    /// Runs one cycle. A chart that finds no memory waits for the next one.
    ///
    /// @param steps  the processor time of the exporter's steps so far
    /// @param lines  the queue: fits, reserve, commit, refuse, counters
    template <class Lines, class Observer>
    void run(const options& settings, const schedule::cycle& now, const cpu_time& steps,
             Lines& lines, Observer& observer) noexcept {
        begin_run(now, observer);
        charts_.run(now.stamp, lines, count_, observer);
        end_run(settings, now, steps, lines, observer);
    }
    /// What run() does before the lines of the charts.
    template <class Observer>
    BACKENDS_INLINE void begin_run(const schedule::cycle& now, Observer& observer) noexcept {
        ++count_.ticks;
        count_.missed_ticks += now.missed;
        if (now.missed != 0) {
            observe::missed_ticks(observer, now.missed);
        }
        try {
            follow(observer);
        } catch (...) {
            ++count_.postponed;
        }
        folds_.tell(host_, observer, count_);
    }
    /// What it does after them.
    template <class Lines, class Observer>
    BACKENDS_INLINE void end_run(const options& settings, const schedule::cycle& now,
                                 const cpu_time& steps, Lines& lines, Observer& observer) noexcept {
        if (settings.self_monitoring && own_lines_.follow(monitor_, observer, count_)) {
            monitor_.record(now.stamp, lines.counters(), count_, steps);
            own_lines_.run(monitor_, now.stamp, lines, count_, observer);
        }
    }

    [[nodiscard]] const Host& host() const noexcept { return host_; }  ///< whose charts
    /// The part that writes the lines of the charts, and what that counts.
    template <class Lines, class Observer>
    [[nodiscard]] auto walking(Lines& lines, Observer& observer) noexcept {
        return detail::walking_cycle<cycle_type, Lines, Observer>{charts_, lines, count_, observer};
    }

    /// Whether removed charts are not read to their end yet: only this exporter can read them.
    template <class Observer>
    [[nodiscard]] bool has_last_readings(Observer& observer) noexcept {
        try {
            follow(observer);
        } catch (...) {
            ++count_.postponed;
        }
        return charts_.has_last_readings();
    }
    /// Whether the last cycle left charts that need one more, see cycle.
    [[nodiscard]] bool has_successors() const noexcept { return charts_.has_successors(); }

private:
    using own_chart = detail::own_chart<Source, Host>;
    using cycle_type =
        cycle<Source, Format, Host, typename Policies::names, typename Policies::quantiles>;

    [[gnu::noinline]] static identity names_of(const options& settings) {
        return {settings.prefix, settings.hostname, settings.tags};
    }

    const Host& host_;
    cycle_type charts_;
    monitor<own_chart> monitor_;
    backends::own_lines<Source, Format, own_chart, typename Policies::names> own_lines_;
    detail::told_folds folds_;
    cycle_counters count_;
};

}  // namespace backends
