// SPDX-License-Identifier: BSL-1.0
//
// The settings of an exporter that are known at run time. Which source, format, transport and
// guarantees it has are template parameters instead.
#pragma once

#include <backends/core/export_names.hpp>
#include <backends/core/time.hpp>
#include <backends/delivery/options.hpp>
#include <backends/spool/spool.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace backends::inline BACKENDS_ISA {

/// Where a new exporter begins in charts that were recorded before it was made. Charts that are
/// added later, and all charts of one that takes another one's place, are exported from their
/// beginning on.
enum class begin_at : std::uint8_t {
    latest,  ///< at most one period back: of the newest update_every seconds
    oldest,  ///< with everything that is kept, as one value
    now      ///< with what is recorded from now on
};

/// Every member has a default; name the ones that differ:
/// `options{.destination = "graphite-1 graphite-2:2013", .prefix = "shop"}`.
struct options {
    /// Receivers, tried in order: `[tcp:]HOST[%INTERFACE][:PORT or service]`, separated by blanks
    /// and/or commas, an IPv6 address in `[ ]`; docs/configuration.md. Without a port, the format's
    /// default one.
    std::string destination = "localhost";

    /// The first part of every name, and of the exporter's own charts; empty: there is none.
    std::string prefix = "netdata";

    /// The host in every line; empty takes the host's own name.
    std::string hostname = {};

    /// Extra name=value of every line.
    std::vector<tag> tags = {};

    /// Seconds between exports, 1 or more.
    seconds update_every{10};

    /// Whether lines are stamped with multiples of update_every, one for each period, which is what
    /// receivers with a fixed resolution need; each host exports at a time of its own within the
    /// period. Otherwise cycles begin with the exporter and are stamped with the system's time.
    bool align = true;

    /// Where it begins on a host with a past.
    begin_at begin = begin_at::latest;

    /// Batches kept while no destination takes them; then the oldest (or the newest, by policy) is
    /// dropped and counted. 1 or more.
    std::size_t buffer_on_failures = 10;

    /// Lines that have waited this long are dropped and counted as `expired`, for receivers that
    /// refuse old samples; 0: no line is too old.
    nanoseconds max_age{0};

    /// For connecting, and for a write that makes no progress; 0 is twice update_every.
    nanoseconds timeout{0};

    /// A receiver that has been used this long is left in order at the end of a batch; the first
    /// one in `destination` comes next, with a fresh look-up of its name. 0: a connection that
    /// works is never left, even if its name has another address by now, or a receiver in front of
    /// it works again.
    nanoseconds renew_every{0};

    /// Bytes of lines held at the most, allocated once, at construction.
    std::size_t queue_bytes = std::size_t{4} << 20U;

    /// Bytes written beyond what the receiver's machine has acknowledged, at the most. It bounds
    /// what a dying receiver can leave in doubt.
    std::size_t unacknowledged_bytes = std::size_t{256} << 10U;

    /// The folder of the spool, for this exporter alone; empty: lines do not outlive the process.
    /// Needs a spool among the policies, such as file_spool.
    std::string spool_directory = {};

    /// Whether the spool survives a loss of power too: each cycle waits for the disk. Needs
    /// spool_directory.
    bool spool_sync = false;

    /// How long the destructor may take to deliver what is left.
    nanoseconds stop_within = seconds{1};

    /// Whether the exporter's own charts (PREFIX.backend_metrics and four more) are exported too.
    bool self_monitoring = true;
};

/// What they mean for the delivery machine.
inline delivery_options delivery_settings(const options& o) {
    const nanoseconds interval = o.update_every;
    const nanoseconds timeout = o.timeout.value > 0 ? o.timeout : interval * 2;
    delivery_options d;
    d.queue_bytes = o.queue_bytes;
    d.batches = o.buffer_on_failures;
    d.max_age = o.max_age;
    d.max_in_flight = o.unacknowledged_bytes;
    d.resolve_timeout = d.connect_timeout = d.stall_timeout = timeout;
    d.renew_every = o.renew_every;
    d.max_backoff = (std::min<nanoseconds>)(interval, seconds{60});
    return d;
}

/// What they mean for the spool.
///
/// @param format  the wire format's name: lines of one are not given to another
inline spool_options spool_settings(const options& o, std::string_view format) {
    return {.directory = o.spool_directory,
            .contents = std::string{format},
            .queue_bytes = o.queue_bytes,
            .sync = o.spool_sync};
}

}  // namespace backends
