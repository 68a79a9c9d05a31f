// SPDX-License-Identifier: BSL-1.0
//
// The exporter's account: plain, monotonic 64-bit numbers (but for the two gauges in_flight and
// queued), never reset. One snapshot holds the identity
//
//     accepted = confirmed + in_flight + queued + dropped[every reason]
//
// in lines and in bytes, at every instant that anybody can observe.
#pragma once

#include <backends/isa.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace backends::inline BACKENDS_ISA {

/// A number of whole lines and their bytes, newline included.
struct amount {
    std::uint64_t lines = 0;
    std::uint64_t bytes = 0;

    friend constexpr bool operator==(amount, amount) = default;
    constexpr amount& operator+=(amount other) noexcept {
        lines += other.lines;
        bytes += other.bytes;
        return *this;
    }
    constexpr amount& operator-=(amount other) noexcept {
        lines -= other.lines;
        bytes -= other.bytes;
        return *this;
    }
    friend constexpr amount operator+(amount a, amount b) noexcept { return a += b; }
    friend constexpr amount operator-(amount a, amount b) noexcept { return a -= b; }
};

/// Why an accepted line was given up. Every dropped line has exactly one reason.
enum class drop_reason : std::uint8_t {
    overflow,  ///< the queue's bytes or its batches ran out
    oversize,  ///< the line alone is larger than the queue
    expired,   ///< older than the user wants to keep
    shutdown,  ///< still unconfirmed when stop() reached its deadline
    poison,    ///< the same line ended several connections
};

inline constexpr std::size_t drop_reasons = 5;

constexpr std::string_view to_string(drop_reason reason) noexcept {
    constexpr std::array<std::string_view, drop_reasons> names{"overflow", "oversize", "expired",
                                                               "shutdown", "poison"};
    return names[static_cast<std::size_t>(reason)];
}

/// What delivery counts. Lines are in exactly one of the four states of the identity.
struct delivery_counters {
    amount accepted;                           ///< lines handed to delivery
    amount confirmed;                          ///< lines released at the chosen confirmation level
    amount in_flight;                          ///< begun on the living connection, not confirmed
    amount queued;                             ///< waiting, not begun
    std::array<amount, drop_reasons> dropped;  ///< given up, by drop_reason

    amount replayed;               ///< lines begun again on a later connection: possible duplicates
    std::uint64_t sent_bytes = 0;  ///< bytes that a transport took, resent ones included
    std::uint64_t received_bytes = 0;  ///< reply bytes, read and thrown away
    std::uint64_t rejected = 0;        ///< reply lines that report a refused line
    std::uint64_t writes = 0;          ///< write operations that moved bytes
    std::uint64_t reads = 0;           ///< read operations that moved bytes
    std::uint64_t failures = 0;        ///< resolving, connecting, reading or writing failed
    std::uint64_t connections = 0;     ///< connections that were established
    std::uint64_t reconnects = 0;      ///< of these, all but the first
    std::uint64_t torn_tails = 0;      ///< connections that ended inside a line
    std::uint64_t discards = 0;        ///< events that dropped lines
    std::uint64_t stalls = 0;          ///< destinations left for want of acknowledged progress
    /// Bytes that were confirmed when their connection came to its end and that its peer, judging
    /// by its window, had not read: an estimate of what the chosen level may have lost. Windows
    /// hide much.
    std::uint64_t acked_unconfirmed = 0;

    [[nodiscard]] constexpr amount dropped_for(drop_reason reason) const noexcept {
        return dropped[static_cast<std::size_t>(reason)];
    }

    /// Dropped for any reason.
    [[nodiscard]] constexpr amount lost() const noexcept {
        amount all;
        for (const amount& reason : dropped) {
            all += reason;
        }
        return all;
    }

    /// The identity above, in lines and in bytes.
    [[nodiscard]] constexpr bool balanced() const noexcept {
        return accepted == confirmed + in_flight + queued + lost();
    }

    friend constexpr bool operator==(const delivery_counters&, const delivery_counters&) = default;
};

/// What the cycle counts beside delivery.
struct cycle_counters {
    std::uint64_t ticks = 0;         ///< cycles that ran
    std::uint64_t missed_ticks = 0;  ///< cycles that were due and were folded into a later one
    std::uint64_t stamp_steps = 0;   ///< times that stamps followed a system's clock that was set
    std::uint64_t samples = 0;       ///< samples that entered a line
    std::uint64_t overrun = 0;       ///< samples overwritten in their ring before a line had them
    std::uint64_t refused_rows =
        0;  ///< rows that its charts refused: a second one in a slot, or late
    std::uint64_t clock_steps = 0;  ///< times that its charts found the clock set back
    std::uint64_t not_finite = 0;  ///< values kept off the wire: not finite, or stamped before 1970
    std::uint64_t refused_series = 0;  ///< series that the format cannot express
    std::uint64_t merged_names = 0;    ///< series whose safe name another series has already
    std::uint64_t postponed = 0;  ///< charts that a cycle was without: no memory to register them

    friend constexpr bool operator==(const cycle_counters&, const cycle_counters&) = default;
};

/// What a spool counts: lines that outlive the process. All 0 without one.
struct spool_counters {
    amount restored;                    ///< lines of an earlier run, accepted again at the start
    amount spooled;                     ///< lines dropped at the end of this run that stay on disk
    std::uint64_t damaged_records = 0;  ///< found torn or altered at the start: left out
    std::uint64_t spool_failures = 0;   ///< times that accepted lines could not be written to disk

    friend constexpr bool operator==(const spool_counters&, const spool_counters&) = default;
};

/// Everything, in one consistent snapshot.
struct counters : cycle_counters, delivery_counters, spool_counters {
    friend constexpr bool operator==(const counters&, const counters&) = default;
};

}  // namespace backends
