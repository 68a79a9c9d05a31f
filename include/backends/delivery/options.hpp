// SPDX-License-Identifier: BSL-1.0
//
// Delivery stage. The settings of a delivery machine. Every member has a value that works; the
// machine's constructor refuses values that cannot work, with a config_error.
#pragma once

#include <backends/core/errors.hpp>
#include <backends/core/joined.hpp>
#include <backends/core/raise.hpp>
#include <backends/core/time.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace backends::inline BACKENDS_ISA {

/// What a delivery machine may use, and how patient it is.
struct delivery_options {
    /// Maximum bytes of lines in memory; allocated once. A larger queue survives longer outages.
    std::size_t queue_bytes = std::size_t{16} << 20;
    /// "buffer on failures": how many batches may wait without having begun; one more drops one.
    std::size_t batches = 10;
    /// Drops a batch that has waited this long without having begun, as `expired`; 0: never.
    nanoseconds max_age = {};

    /// The maximum number of bytes written and not acknowledged. It bounds the bytes that a
    /// vanished peer leaves in doubt; a long fat path needs bandwidth x round trip. The default is
    /// within 5 % of the fastest over loopback.
    std::size_t max_in_flight = std::size_t{256} << 10;

    /// For one look-up of a name.
    nanoseconds resolve_timeout = seconds{10};
    /// For connecting to one destination; its addresses share it.
    nanoseconds connect_timeout = seconds{20};
    /// The maximum number of addresses tried per destination.
    std::size_t max_endpoints = 16;
    /// The machine leaves a destination that acknowledges nothing for this long while bytes wait.
    nanoseconds stall_timeout = seconds{20};
    /// For the peer's end of stream after an epoch; then the epoch is sent again.
    nanoseconds end_timeout = seconds{5};
    /// stop(): how long to wait for the peer's end of stream once every line is confirmed.
    nanoseconds linger = milliseconds(100);

    /// The machine leaves a destination that it has used this long, in order, at the end of a
    /// batch; it then looks up and tries the first one. 0: never leaves a working connection.
    nanoseconds renew_every = {};

    /// Shortest delay after all destinations failed, and between two connections that both failed.
    nanoseconds min_backoff = milliseconds(100);
    /// Longest delay after all destinations failed.
    nanoseconds max_backoff = seconds{60};

    /// A receiver that says "not now" may ask for no longer delay than this.
    nanoseconds max_delay = seconds{3600};

    /// Drops a line as poison once it, alone, has ended this many connections that confirmed
    /// nothing, if after each of them another line was confirmed at the same destination. More
    /// where connections often fail by themselves. 0: never.
    unsigned poison_limit = 3;

    /// First and longest pause between two queries for unacknowledged bytes; it doubles while
    /// there is no progress.
    nanoseconds ack_poll_min = milliseconds(5);
    /// The longest of these pauses.
    nanoseconds ack_poll_max = milliseconds(200);
    /// First pause instead of ack_poll_min when more lines wait for room in flight.
    nanoseconds ack_poll_busy = nanoseconds{100'000};

    /// Reply bytes read per reply_interval; a peer that floods is not read faster.
    std::size_t reply_budget = std::size_t{64} << 10;
    nanoseconds reply_interval = milliseconds(100);  ///< the span that reply_budget is for
};

namespace detail {

[[gnu::noinline]] inline void require(bool good, std::string_view key, std::size_t value,
                                      std::string_view why) {
    if (!good) {
        refuse(key, number_text(value), why);
    }
}
[[gnu::noinline]] inline void require(bool good, std::string_view key, nanoseconds value,
                                      std::string_view why) {
    if (!good) {
        refuse(key, number_text(value.value), why);
    }
}

/// @param holds bytes that the confirmation level keeps besides the waiting lines
/// @throws config_error
inline const delivery_options& checked(const delivery_options& options, std::size_t holds) {
    require(options.queue_bytes != 0 && options.queue_bytes / 2 >= holds, "queue_bytes",
            options.queue_bytes, "must be twice what the confirmation level holds, and not 0");
    require(options.batches <= UINT32_MAX, "batches", options.batches,
            "must be 4294967295 or less");
    require(options.max_in_flight != 0, "max_in_flight", options.max_in_flight, "must not be 0");
    require(options.max_endpoints != 0, "max_endpoints", options.max_endpoints, "must not be 0");
    require(options.reply_budget != 0, "reply_budget", options.reply_budget, "must not be 0");
    const auto positive = [&](nanoseconds value, std::string_view key) {
        require(value.value > 0, key, value, "must be more than 0 nanoseconds");
    };
    require(options.max_age.value >= 0, "max_age", options.max_age, "must not be negative");
    require(options.renew_every.value >= 0, "renew_every", options.renew_every,
            "must not be negative");
    positive(options.resolve_timeout, "resolve_timeout");
    positive(options.connect_timeout, "connect_timeout");
    positive(options.stall_timeout, "stall_timeout");
    positive(options.end_timeout, "end_timeout");
    require(options.linger.value >= 0, "linger", options.linger, "must not be negative");
    positive(options.min_backoff, "min_backoff");
    positive(options.max_backoff, "max_backoff");
    positive(options.max_delay, "max_delay");
    positive(options.ack_poll_min, "ack_poll_min");
    positive(options.ack_poll_max, "ack_poll_max");
    positive(options.ack_poll_busy, "ack_poll_busy");
    positive(options.reply_interval, "reply_interval");
    return options;
}

}  // namespace detail
}  // namespace backends
