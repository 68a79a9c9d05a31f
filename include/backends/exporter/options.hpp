// SPDX-License-Identifier: BSL-1.0
//
// The run-time settings of an exporter. Its source, format, transport and guarantees are template
// parameters instead.
#pragma once

#include <backends/core/export_names.hpp>
#include <backends/core/extremes.hpp>
#include <backends/core/joined.hpp>
#include <backends/core/time.hpp>
#include <backends/delivery/options.hpp>
#include <backends/spool/spool.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace backends::inline BACKENDS_ISA {

/// Where a new exporter begins in charts that were recorded before its construction. Charts that
/// are added later are exported from their beginning on, and so is every chart of an exporter that
/// replaces another one.
enum class begin_at : std::uint8_t {
    latest,  ///< at most one period back: the newest update_every seconds
    oldest,  ///< with everything that is kept, as one value
    now      ///< with the samples recorded from now on
};

/// Every member has a default; name only those that differ:
/// `options{.destination = "graphite-1 graphite-2:2013", .prefix = "shop"}`.
struct options {
    /// Receivers, tried in order, separated by blanks and/or commas, an IPv6 address in `[ ]`:
    /// `[SCHEME://]HOST[%INTERFACE][:PORT or service][/PATH]` of the transport's schemes. Without a
    /// port, the scheme's or the format's default one; docs/configuration.md.
    std::string destination = "localhost";

    /// The first part of every name, also of the exporter's own charts; empty: none.
    std::string prefix = "netdata";

    /// The host in every line; empty takes the host's own name.
    std::string hostname = {};

    /// Extra name=value of every line.
    std::vector<tag> tags = {};

    /// The charts that are exported, by their ids: words with blanks between them, the first one
    /// that matches decides, `!` takes out, `*` is any text: `!*.idle system.* disk.*`. See
    /// simple_pattern. The exporter's own charts are not among them: self_monitoring.
    std::string charts_matching = "*";

    /// The same for dimensions, by their names.
    std::string dimensions_matching = "*";

    /// Seconds between exports, 1 or more.
    seconds update_every{10};

    /// Whether stamps are multiples of update_every, one for each period, as receivers with a fixed
    /// resolution need; each host exports at its own time within the period. Otherwise cycles begin
    /// with the exporter and carry the system's time.
    bool align = true;

    /// Where the exporter begins on a host with recorded samples.
    begin_at begin = begin_at::latest;

    /// Batches kept while no destination takes them; one more drops and counts the oldest (or the
    /// newest, by policy). 1 or more.
    std::size_t buffer_on_failures = 10;

    /// Lines that have waited this long are dropped and counted as `expired`, for receivers that
    /// refuse old samples; 0: lines never expire.
    nanoseconds max_age{0};

    /// For connecting, and for a write that makes no progress; 0 is twice update_every.
    nanoseconds timeout{0};

    /// The exporter leaves a receiver that it has used this long, in order, at the end of a batch;
    /// it then looks up and tries the first one in `destination`. 0: it never leaves a working
    /// connection, even if the name has another address by now, or an earlier receiver works again.
    nanoseconds renew_every{0};

    /// The maximum number of bytes of lines in memory, allocated once, at construction.
    std::size_t queue_bytes = std::size_t{4} << 20U;

    /// The maximum number of bytes written and not acknowledged by the receiver's machine. It
    /// bounds the bytes that a dying receiver leaves in doubt.
    std::size_t unacknowledged_bytes = std::size_t{256} << 10U;

    /// The spool's folder, for this exporter alone; empty: lines do not outlive the process. Needs
    /// a spool among the policies, such as file_spool.
    std::string spool_directory = {};

    /// Whether the spool survives a loss of power too: each cycle waits for the disk. Needs
    /// spool_directory.
    bool spool_sync = false;

    /// How long the destructor may take to deliver the remaining lines.
    nanoseconds stop_within = seconds{1};

    /// Whether to export the exporter's own charts too (PREFIX.backend_metrics and four more).
    bool self_monitoring = true;
};

/// The delivery machine's settings for these options.
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
    d.max_backoff = detail::smaller<nanoseconds>(interval, seconds{60});
    return d;
}

/// The spool's settings for these options.
///
/// @param format  the wire format's name: another format does not get the kept lines
inline spool_options spool_settings(const options& o, std::string_view format) {
    return {.directory = detail::string_of(o.spool_directory),
            .contents = detail::string_of(format),
            .queue_bytes = o.queue_bytes,
            .sync = o.spool_sync};
}

}  // namespace backends
