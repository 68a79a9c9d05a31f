// SPDX-License-Identifier: BSL-1.0
//
// The exporter's own charts: its counters, fed in at the left end of the way like anybody's
// metrics. Ids and dimensions are those that dashboards of the original system know.
#pragma once

#include <backends/core/counters.hpp>
#include <backends/core/time.hpp>
#include <backends/monitor/step_time.hpp>
#include <backends/storage/host.hpp>
#include <backends/storage/struct_chart.hpp>
#include <backends/storage/unsynchronized.hpp>

#include <boost/hana/adapt_struct.hpp>

#include <cstdint>
#include <string>

namespace backends::inline BACKENDS_ISA {

/// `PREFIX.backend_metrics`: lines taken in, given up and confirmed since the last cycle.
struct backend_metrics {
    std::uint64_t buffered;
    std::uint64_t lost;
    std::uint64_t sent;
};

/// `PREFIX.backend_bytes`: the same in KiB, and the replies.
struct backend_bytes {
    std::uint64_t buffered;
    std::uint64_t lost;
    std::uint64_t sent;
    std::uint64_t received;
};

/// `PREFIX.backend_ops`: operations since the last cycle.
struct backend_ops {
    std::uint64_t write;
    std::uint64_t discard;
    std::uint64_t reconnect;
    std::uint64_t failure;
    std::uint64_t read;
};

/// `PREFIX.backend_thread_cpu`: milliseconds a second that the exporter's steps take, of whichever thread
/// they run on.
struct backend_thread_cpu {
    std::uint64_t user;
    std::uint64_t system;
};

}  // namespace backends

BOOST_HANA_ADAPT_STRUCT(backends::backend_metrics, buffered, lost, sent);
BOOST_HANA_ADAPT_STRUCT(backends::backend_bytes, buffered, lost, sent, received);
BOOST_HANA_ADAPT_STRUCT(backends::backend_ops, write, discard, reconnect, failure, read);
BOOST_HANA_ADAPT_STRUCT(backends::backend_thread_cpu, user, system);

namespace backends::inline BACKENDS_ISA {

/// A host for the exporter's own charts. They are read right after they are written, on the same
/// thread, so a few slots serve.
template <class Cell>
using monitor_host = basic_host<Cell, 8, unsynchronized>;

/// The four charts. record() allocates nothing; not thread-safe.
///
/// @tparam Cell  models cell; that of the host whose exporter this is
template <class Cell>
class monitor {
public:
    /// The first part of the charts' ids is the exporter's prefix, if there is one.
    monitor(const std::string& prefix, const std::string& hostname, seconds update_every)
        : host_{hostname},
          metrics_{host_.template add<backend_metrics>(id(prefix, "backend_metrics"),
                                                       {.update_every = update_every})},
          bytes_{host_.template add<backend_bytes>(
              id(prefix, "backend_bytes"), {.update_every = update_every, .divisor = 1024})},
          ops_{host_.template add<backend_ops>(id(prefix, "backend_ops"),
                                               {.update_every = update_every})},
          cpu_{host_.template add<backend_thread_cpu>(
              id(prefix, "backend_thread_cpu"),
              {.update_every = update_every, .algorithm = incremental, .divisor = 1000})} {}

    [[nodiscard]] const monitor_host<Cell>& host() const noexcept { return host_; }

    /// Stores what has happened since the last time that was stored. Nothing is lost when the
    /// system's clock went back and the time is refused: the next one has it all.
    ///
    /// @param steps  the processor time of the exporter's steps so far
    void record(unix_seconds at, const delivery_counters& now, const cpu_time& steps) noexcept {
        const amount lost = now.lost();
        const amount lost_before = before_.lost();
        const bool stored = metrics_.record(
            at, backend_metrics{.buffered = now.accepted.lines - before_.accepted.lines,
                                .lost = lost.lines - lost_before.lines,
                                .sent = now.confirmed.lines - before_.confirmed.lines});
        if (!stored) {
            return;
        }
        bytes_.record(at, backend_bytes{.buffered = now.accepted.bytes - before_.accepted.bytes,
                                        .lost = lost.bytes - lost_before.bytes,
                                        .sent = now.confirmed.bytes - before_.confirmed.bytes,
                                        .received = now.received_bytes - before_.received_bytes});
        ops_.record(at, backend_ops{.write = now.writes - before_.writes,
                                    .discard = now.discards - before_.discards,
                                    .reconnect = now.reconnects - before_.reconnects,
                                    .failure = now.failures - before_.failures,
                                    .read = now.reads - before_.reads});
        cpu_.record(at, backend_thread_cpu{steps.user, steps.system});
        before_ = now;
    }

private:
    static std::string id(const std::string& prefix, const char* name) {
        return prefix.empty() ? name : prefix + "." + name;
    }

    template <class Row>
    using chart_of = decltype(std::declval<monitor_host<Cell>&>().template add<Row>(
        std::string{}, chart_options{}));

    monitor_host<Cell> host_;
    chart_of<backend_metrics> metrics_;
    chart_of<backend_bytes> bytes_;
    chart_of<backend_ops> ops_;
    chart_of<backend_thread_cpu> cpu_;
    delivery_counters before_;
};

}  // namespace backends
