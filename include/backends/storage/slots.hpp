// SPDX-License-Identifier: BSL-1.0
//
// Storage: the numbers of slots. A chart has one slot every update_every seconds; slot numbers run
// with time and never wrap, so a cursor of slots is one 64-bit number.
#pragma once

#include <backends/core/time.hpp>

#include <cstddef>
#include <cstdint>

namespace backends::inline BACKENDS_ISA {

/// The most slots that a ring may have: counts of samples have 32 bits, those of six
/// columns together.
inline constexpr std::size_t most_slots = std::size_t{1} << 29;

/// The number of a slot: its time divided by update_every, rounded down.
using slot_number = std::int64_t;

/// The slots first, first + 1, ... up to but not including end.
struct slot_range {
    slot_number first = 0;
    slot_number end = 0;

    [[nodiscard]] constexpr bool empty() const noexcept { return first >= end; }
    [[nodiscard]] constexpr std::uint64_t size() const noexcept {
        return empty() ? 0 : static_cast<std::uint64_t>(end - first);
    }
    /// The slots that are in both.
    [[nodiscard]] constexpr slot_range within(slot_range other) const noexcept {
        return {first > other.first ? first : other.first, end < other.end ? end : other.end};
    }
    friend constexpr bool operator==(slot_range, slot_range) = default;
};

/// Times to slot numbers and back: time = slot * update_every + phase. The first stored time fixes
/// the phase, so charts need not start at a multiple of update_every.
class slot_grid {
public:
    /// Times beyond this, 36 billion years either way, are refused, so that nothing here overflows.
    static constexpr unix_seconds latest = std::int64_t{1} << 60;

    /// Precondition: 1 <= every <= 2^32.
    constexpr explicit slot_grid(seconds every) noexcept : every_{every.value} {}

    static constexpr bool can_hold(unix_seconds at) noexcept {
        return at >= -latest && at <= latest;
    }

    /// Makes `first` the time of a slot.
    constexpr void anchor(unix_seconds first) noexcept { phase_ = first - floor(first) * every_; }

    /// The slot nearest to a time, the later of two: a collector that is a little early or late
    /// still hits its own slot. Precondition: can_hold(at).
    [[nodiscard]] constexpr slot_number nearest(unix_seconds at) const noexcept {
        return floor(at - phase_ + every_ / 2);
    }
    /// The first slot whose time is later than `at`; any 64-bit time.
    [[nodiscard]] constexpr slot_number after(unix_seconds at) const noexcept {
        const slot_number whole = floor(at);
        if (at - whole * every_ < phase_) {
            return whole;
        }
        return whole == INT64_MAX ? whole : whole + 1;
    }
    [[nodiscard]] constexpr unix_seconds time_of(slot_number slot) const noexcept {
        return slot * every_ + phase_;
    }
    [[nodiscard]] constexpr seconds update_every() const noexcept { return seconds{every_}; }

private:
    /// Rounded down, also below zero. The product floor(at) * every_ stays in range for any `at`
    /// but those within one step of the smallest number, which is clipped.
    [[nodiscard]] constexpr slot_number floor(unix_seconds at) const noexcept {
        if (every_ == 1) [[likely]] {
            return at;  // the usual chart is spared a division
        }
        const slot_number quotient = at / every_;
        const bool down = at % every_ < 0 && at >= INT64_MIN + every_;
        return quotient - static_cast<slot_number>(down);
    }

    std::int64_t every_;
    std::int64_t phase_ = 0;
};

}  // namespace backends
