// SPDX-License-Identifier: BSL-1.0
//
// Storage: slot numbers. They count a chart's slots in the order of recording, from 0, and never
// wrap, so a cursor is one 64-bit number that no clock change can move.
#pragma once

#include <backends/core/time.hpp>

#include <cstddef>
#include <cstdint>

namespace backends::inline BACKENDS_ISA {

/// The number of slots that the chart had before this one.
using slot_number = std::int64_t;

/// The slots [first, end).
struct slot_range {
    slot_number first = 0;  ///< the oldest slot
    slot_number end = 0;    ///< after the newest slot

    [[nodiscard]] constexpr bool empty() const noexcept { return first >= end; }  ///< has no slot
    /// The number of slots.
    [[nodiscard]] constexpr std::uint64_t size() const noexcept {
        return empty() ? 0 : static_cast<std::uint64_t>(end - first);
    }
    /// The intersection with `other`.
    [[nodiscard]] constexpr slot_range within(slot_range other) const noexcept {
        return {first > other.first ? first : other.first, end < other.end ? end : other.end};
    }
    friend constexpr bool operator==(slot_range, slot_range) = default;
};

/// Later times, and times before its negative, are refused: 36 billion years either way. So nothing
/// here overflows.
inline constexpr unix_seconds latest_time = std::int64_t{1} << 60;

/// A sequence of slots whose times are `every` seconds apart. A change of the clock ends it and
/// begins another.
struct slot_stretch {
    slot_number first = 0;  ///< its first slot
    unix_seconds at = 0;    ///< the time of `first`, not necessarily a multiple of `every`

    /// The slot's time in a stretch without ends.
    [[nodiscard]] constexpr unix_seconds time_of(slot_number slot, seconds every) const noexcept {
        return at + (slot - first) * every.value;
    }
    /// The slot nearest to a time, the later one on a tie, in a stretch without ends: a collector
    /// slightly early or late still hits its own slot. Precondition: |time| <= latest_time.
    [[nodiscard]] constexpr slot_number nearest(unix_seconds time, seconds every) const noexcept {
        return first + floor(time - at + every.value / 2, every.value);
    }
    /// The first slot later than `time`, any 64-bit value, in a stretch without ends.
    [[nodiscard]] constexpr slot_number after(unix_seconds time, seconds every) const noexcept {
        constexpr unix_seconds limit = 2 * latest_time;
        const unix_seconds clipped = time < -limit ? -limit : time > limit ? limit : time;
        return first + floor(clipped - at, every.value) + 1;
    }

private:
    /// The quotient, rounded down below zero too.
    [[nodiscard]] static constexpr std::int64_t floor(std::int64_t n, std::int64_t by) noexcept {
        if (by == 1) [[likely]] {
            return n;  // saves the usual chart a division
        }
        return n / by - static_cast<std::int64_t>(n % by < 0);
    }
};

}  // namespace backends
