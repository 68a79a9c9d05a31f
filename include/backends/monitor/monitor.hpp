// SPDX-License-Identifier: BSL-1.0
//
// The exporter's own charts: its counters, exported like a program's metrics. Ids and dimensions
// are those that the original system's dashboards know.
#pragma once

#include <backends/core/counters.hpp>
#include <backends/core/joined.hpp>
#include <backends/core/time.hpp>
#include <backends/monitor/step_time.hpp>
#include <backends/storage/chart.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

namespace backends::inline BACKENDS_ISA {

/// A chart like a host's, with only a few slots: the one that is not exported yet, and the gaps
/// before it. A longer jump leaves no gaps.
template <class Host>
using small_chart = basic_chart<typename Host::cell, 4, typename Host::chart_type::recording>;

/// The five charts, of whole numbers:
///
/// | chart | dimensions | since the last cycle |
/// |---|---|---|
/// | `PREFIX.backend_metrics` | buffered, lost, sent | lines accepted, given up, confirmed |
/// | `PREFIX.backend_bytes` | buffered, lost, sent, received | the same in KiB, and the replies |
/// | `PREFIX.backend_ops` | write, discard, reconnect, failure, read | operations |
/// | `PREFIX.backend_rows` | refused, clock_steps, folded | rows refused, clocks set back, look-ups that had no room |
/// | `PREFIX.backend_thread_cpu` | user, system | ms of the exporter's steps per second |
///
/// record() allocates nothing; not thread-safe.
///
/// @tparam Chart  the charts' type; small_chart will do, as they are read after each record()
template <class Chart>
class monitor {
public:
    /// The number of charts.
    static constexpr std::size_t size = 5;

    /// `prefix`: the exporter's, which begins the charts' ids; may be empty.
    monitor(const std::string& prefix, seconds every)
        : metrics_(made(prefix, "backend_metrics", {"buffered", "lost", "sent"}, {every})),
          bytes_(made(prefix, "backend_bytes", {"buffered", "lost", "sent", "received"},
                      {every, absolute, 1024})),
          ops_(made(prefix, "backend_ops", {"write", "discard", "reconnect", "failure", "read"},
                    {every})),
          rows_(made(prefix, "backend_rows", {"refused", "clock_steps", "folded"}, {every})),
          cpu_(made(prefix, "backend_thread_cpu", {"user", "system"}, {every, incremental, 1000})) {
    }

    /// For an exporter to read; they live as long as the monitor.
    [[nodiscard]] std::array<const Chart*, size> charts() const noexcept {
        return {&metrics_, &bytes_, &ops_, &rows_, &cpu_};
    }

    /// Stores the changes since the last stored time. A refused time loses nothing, as when the
    /// clock was set back by a few cycles: the next one has it all.
    ///
    /// @param steps  the processor time of the exporter's steps so far
    void record(unix_seconds at, const delivery_counters& now, const cycle_counters& charts,
                const cpu_time& steps) noexcept {
        const amount lost = now.lost();
        const amount lost_before = before_.lost();
        const bool stored =
            record(metrics_, at,
                   {now.accepted.lines - before_.accepted.lines, lost.lines - lost_before.lines,
                    now.confirmed.lines - before_.confirmed.lines});
        if (!stored) {
            return;
        }
        // The five charts share one grid: if one takes a row, all do.
        record(bytes_, at,
               {now.accepted.bytes - before_.accepted.bytes, lost.bytes - lost_before.bytes,
                now.confirmed.bytes - before_.confirmed.bytes,
                now.received_bytes - before_.received_bytes});
        record(ops_, at,
               {now.writes - before_.writes, now.discards - before_.discards,
                now.reconnects - before_.reconnects, now.failures - before_.failures,
                now.reads - before_.reads});
        record(rows_, at,
               {charts.refused_rows - refused_before_, charts.clock_steps - steps_before_,
                charts.folded - folded_before_});
        record(cpu_, at, {steps.user, steps.system});
        refused_before_ = charts.refused_rows;
        steps_before_ = charts.clock_steps;
        folded_before_ = charts.folded;
        before_ = now;
    }

private:
    using row = std::initializer_list<std::uint64_t>;
    /// Less code than five chart_options.
    struct settings {
        seconds every;
        backends::algorithm algorithm = absolute;
        std::int64_t divisor = 1;
    };

    // One function, not five inlined ones; the next one too.
    [[gnu::noinline]] static Chart made(const std::string& prefix, const char* name,
                                        std::initializer_list<detail::named_kind> dimensions,
                                        const settings& of) {
        return Chart{detail::joined({prefix, prefix.empty() ? "" : ".", name}),
                     detail::dimensions_of(dimensions),
                     value_kind::unsigned_integer,
                     {.update_every = of.every, .algorithm = of.algorithm, .divisor = of.divisor}};
    }
    [[gnu::noinline]] static bool record(Chart& of, unix_seconds at, row values) noexcept {
        std::size_t i = 0;
        for (const std::uint64_t one : values) {
            of.set(i++, one);
        }
        return of.commit(at);
    }

    Chart metrics_;
    Chart bytes_;
    Chart ops_;
    Chart rows_;
    Chart cpu_;
    delivery_counters before_;
    std::uint64_t refused_before_ = 0;
    std::uint64_t steps_before_ = 0;
    std::uint64_t folded_before_ = 0;
};

}  // namespace backends
