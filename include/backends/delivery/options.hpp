// SPDX-License-Identifier: BSL-1.0
//
// Delivery stage. The settings of a delivery machine. Every member has a value that works; what
// cannot work is refused when the machine is built, with a config_error.
#pragma once

#include <backends/core/errors.hpp>
#include <backends/core/raise.hpp>
#include <backends/core/time.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace backends::inline BACKENDS_ISA {

struct delivery_options {
    /// The most bytes of lines kept in memory; allocated once. More survives longer outages.
    std::size_t queue_bytes = std::size_t{16} << 20;
    /// "buffer on failures": batches that may wait without having begun; then one is dropped.
    std::size_t batches = 10;
    /// A batch that has waited this long without having begun is dropped as `expired`; 0: none is.
    nanoseconds max_age = {};

    /// The most bytes written and not acknowledged. It bounds what a peer that vanishes leaves in
    /// doubt; a long fat path needs bandwidth x round trip. This much is within 5 % of the fastest
    /// over loopback.
    std::size_t max_in_flight = std::size_t{256} << 10;

    /// For one look-up of a name.
    nanoseconds resolve_timeout = seconds{10};
    /// For connecting to one destination; its addresses share it.
    nanoseconds connect_timeout = seconds{20};
    /// The most addresses of one destination that are tried.
    std::size_t max_endpoints = 16;
    /// Without acknowledged progress for this long while bytes are waiting, the destination is
    /// left.
    nanoseconds stall_timeout = seconds{20};
    /// For the peer's end of stream after an epoch; then the epoch is sent again.
    nanoseconds end_timeout = seconds{5};
    /// stop(): how long to wait for the peer's end of stream once every line is confirmed.
    nanoseconds linger = milliseconds(100);

    /// A destination that has been used this long is left in order at the end of a batch; the first
    /// one comes next, with a fresh look-up of its name. 0: a connection that works is never left.
    nanoseconds renew_every = {};

    /// Shortest delay after all destinations failed, and between two connections that both failed.
    nanoseconds min_backoff = milliseconds(100);
    /// Longest delay after all destinations failed.
    nanoseconds max_backoff = seconds{60};

    /// A line that alone ended this many connections, none of which confirmed anything, is dropped
    /// as poison, if after each of them another line was confirmed at the same destination. More
    /// where connections often fail by themselves. 0: no line is.
    unsigned poison_limit = 3;

    /// First and longest pause between two questions for unacknowledged bytes; it doubles while
    /// there is no progress.
    nanoseconds ack_poll_min = milliseconds(5);
    nanoseconds ack_poll_max = milliseconds(200);
    /// First pause instead of ack_poll_min when more lines wait for room in flight.
    nanoseconds ack_poll_busy = nanoseconds{100'000};

    /// Reply bytes read per reply_interval; a peer that floods is not read faster.
    std::size_t reply_budget = std::size_t{64} << 10;
    nanoseconds reply_interval = milliseconds(100);
};

namespace detail {

/// \param holds what the confirmation level keeps beside the lines that wait
/// \throws config_error
inline const delivery_options& checked(const delivery_options& options, std::size_t holds) {
    const auto require = [](bool good, std::string_view key, auto value, std::string_view why) {
        if (!good) {
            raise(config_error{key, std::to_string(value), why});
        }
    };
    require(options.queue_bytes != 0 && options.queue_bytes / 2 >= holds, "queue_bytes",
            options.queue_bytes, "must be twice what the confirmation level holds, and not 0");
    require(options.batches <= UINT32_MAX, "batches", options.batches,
            "must be 4294967295 or less");
    require(options.max_in_flight != 0, "max_in_flight", options.max_in_flight, "must not be 0");
    require(options.max_endpoints != 0, "max_endpoints", options.max_endpoints, "must not be 0");
    require(options.reply_budget != 0, "reply_budget", options.reply_budget, "must not be 0");
    const auto positive = [&](nanoseconds value, std::string_view key) {
        require(value.value > 0, key, value.value, "must be more than 0 nanoseconds");
    };
    require(options.max_age.value >= 0, "max_age", options.max_age.value, "must not be negative");
    require(options.renew_every.value >= 0, "renew_every", options.renew_every.value,
            "must not be negative");
    positive(options.resolve_timeout, "resolve_timeout");
    positive(options.connect_timeout, "connect_timeout");
    positive(options.stall_timeout, "stall_timeout");
    positive(options.end_timeout, "end_timeout");
    require(options.linger.value >= 0, "linger", options.linger.value, "must not be negative");
    positive(options.min_backoff, "min_backoff");
    positive(options.max_backoff, "max_backoff");
    positive(options.ack_poll_min, "ack_poll_min");
    positive(options.ack_poll_max, "ack_poll_max");
    positive(options.ack_poll_busy, "ack_poll_busy");
    positive(options.reply_interval, "reply_interval");
    return options;
}

}  // namespace detail
}  // namespace backends
