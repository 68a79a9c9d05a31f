// SPDX-License-Identifier: BSL-1.0
//
// The exporter's account: plain 64-bit numbers, never reset, monotonic except the gauges in_flight
// and queued. Every snapshot satisfies the identity, in lines and in bytes:
//
//     accepted = confirmed + in_flight + queued + dropped[every reason]
#pragma once

#include <backends/isa.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace backends::inline BACKENDS_ISA {

/// A number of whole lines and of their bytes, newlines included.
struct amount {
    std::uint64_t lines = 0;  ///< whole lines
    std::uint64_t bytes = 0;  ///< their bytes, newlines included

    friend constexpr bool operator==(amount, amount) = default;
    /// Adds lines to lines and bytes to bytes, modulo 2^64.
    constexpr amount& operator+=(amount other) noexcept {
        lines += other.lines;
        bytes += other.bytes;
        return *this;
    }
    /// Precondition: `other` is part of this amount.
    constexpr amount& operator-=(amount other) noexcept {
        lines -= other.lines;
        bytes -= other.bytes;
        return *this;
    }
    /// As operator+=.
    friend constexpr amount operator+(amount a, amount b) noexcept { return a += b; }
    /// As operator-=.
    friend constexpr amount operator-(amount a, amount b) noexcept { return a -= b; }
};

/// Why delivery dropped an accepted line. Every dropped line has exactly one reason.
enum class drop_reason : std::uint8_t {
    overflow,  ///< the queue ran out of bytes or of batches
    oversize,  ///< the line alone is larger than the queue
    expired,   ///< older than the user's limit
    shutdown,  ///< still unconfirmed when stop() reached its deadline
    poison,    ///< the same line ended several connections
    rejected,  ///< the receiver refused it for good
};

inline constexpr std::size_t drop_reasons = 6;  ///< how many reasons there are

constexpr std::string_view to_string(drop_reason reason) noexcept {
    constexpr std::array<std::string_view, drop_reasons> names{"overflow", "oversize", "expired",
                                                               "shutdown", "poison",   "rejected"};
    return names[static_cast<std::size_t>(reason)];
}

/// What delivery counts. A line is in exactly one of the identity's four states.
struct delivery_counters {
    amount accepted;                           ///< lines handed to delivery
    amount confirmed;                          ///< lines released at the chosen confirmation level
    amount in_flight;                          ///< begun on the live connection, not confirmed
    amount queued;                             ///< waiting, not begun
    std::array<amount, drop_reasons> dropped;  ///< dropped, by drop_reason

    amount replayed;               ///< lines begun again on a later connection: possible duplicates
    std::uint64_t sent_bytes = 0;  ///< bytes that a transport took, repeats included
    std::uint64_t received_bytes = 0;  ///< reply bytes, read and discarded
    std::uint64_t rejected = 0;        ///< reply lines that refuse one; over HTTP: dropped
    std::uint64_t writes = 0;          ///< write operations that moved bytes
    std::uint64_t reads = 0;           ///< read operations that moved bytes
    std::uint64_t failures = 0;        ///< failed resolves, connects, reads and writes
    std::uint64_t connections = 0;     ///< established connections
    std::uint64_t reconnects = 0;      ///< connections after the first
    std::uint64_t torn_tails = 0;      ///< connections that ended inside a line
    std::uint64_t discards = 0;        ///< events that dropped lines
    std::uint64_t stalls = 0;          ///< destinations left because acknowledgements stalled
    /// Confirmed bytes that the peer had not read when its connection ended, judged by its window.
    /// Estimates what the chosen level may have lost; a window hides much.
    std::uint64_t acked_unconfirmed = 0;

    /// The lines dropped for one reason.
    [[nodiscard]] constexpr amount dropped_for(drop_reason reason) const noexcept {
        return dropped[static_cast<std::size_t>(reason)];
    }

    /// The total of all drop reasons.
    [[nodiscard]] constexpr amount lost() const noexcept {
        amount all;
        for (const amount& reason : dropped) {
            all += reason;
        }
        return all;
    }

    /// True when the identity above holds, in lines and in bytes.
    [[nodiscard]] constexpr bool balanced() const noexcept {
        return accepted == confirmed + in_flight + queued + lost();
    }

    friend constexpr bool operator==(const delivery_counters&, const delivery_counters&) = default;
};

/// What the cycle counts besides delivery.
struct cycle_counters {
    std::uint64_t ticks = 0;         ///< cycles that ran
    std::uint64_t missed_ticks = 0;  ///< due cycles that were folded into a later one
    std::uint64_t stamp_steps = 0;   ///< times that stamps followed a set system clock
    std::uint64_t samples = 0;       ///< samples that entered a line
    std::uint64_t overrun = 0;       ///< samples overwritten in their ring before a line used them
    std::uint64_t refused_rows =
        0;  ///< rows that its charts refused: a second row in a slot, or a late one
    std::uint64_t clock_steps = 0;  ///< times that its charts saw the clock set back
    std::uint64_t folded = 0;       ///< look-ups for which a family had no room
    std::uint64_t not_finite = 0;  ///< values kept off the wire: not finite, or stamped before 1970
    std::uint64_t refused_series = 0;  ///< series that the format cannot express
    std::uint64_t merged_names = 0;    ///< series whose safe name another series already has
    std::uint64_t postponed = 0;       ///< charts left out of a cycle: no memory to register them

    friend constexpr bool operator==(const cycle_counters&, const cycle_counters&) = default;
};

/// What a spool counts: lines that outlive the process. All 0 without a spool.
struct spool_counters {
    amount restored;                    ///< lines of an earlier run, accepted again at start
    amount spooled;                     ///< lines dropped at the end of this run but kept on disk
    std::uint64_t damaged_records = 0;  ///< found torn or altered at start, and left out
    std::uint64_t spool_failures = 0;   ///< failed attempts to write accepted lines to disk

    friend constexpr bool operator==(const spool_counters&, const spool_counters&) = default;
};

/// All counters, in one consistent snapshot.
struct counters : cycle_counters, delivery_counters, spool_counters {
    friend constexpr bool operator==(const counters&, const counters&) = default;
};

}  // namespace backends
