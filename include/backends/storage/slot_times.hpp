// SPDX-License-Identifier: BSL-1.0
//
// Storage: the times of a chart's slots. One stretch of equidistant slots suffices until somebody
// sets the clock; each change begins another.
#pragma once

#include <backends/core/time.hpp>
#include <backends/isa.hpp>
#include <backends/storage/recording_policy.hpp>
#include <backends/storage/slots.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace backends::inline BACKENDS_ISA {

/// The slots of a window: usually one range, several if the clock was set within it. Ordered from
/// the newest to the oldest; no two touch.
class slot_window {
public:
    static constexpr std::size_t most = 4;  ///< how many ranges it may have

    /// Ranges, newest first.
    [[nodiscard]] constexpr const slot_range* begin() const noexcept { return ranges_.data(); }
    /// After the oldest range.
    [[nodiscard]] constexpr const slot_range* end() const noexcept {
        return ranges_.data() + count_;
    }
    /// True if the window has no slots.
    [[nodiscard]] constexpr bool empty() const noexcept { return count_ == 0; }
    /// The number of slots.
    [[nodiscard]] constexpr std::uint64_t size() const noexcept {
        std::uint64_t n = 0;
        for (const slot_range range : *this) {
            n += range.size();
        }
        return n;
    }

    /// Adds a range older than all others. Precondition: fewer than `most` were added.
    constexpr void add(slot_range older) noexcept {
        if (older.empty()) {
            return;
        }
        if (count_ != 0 && ranges_[count_ - 1].first == older.end) {
            ranges_[count_ - 1].first = older.first;
        } else {
            ranges_[count_++] = older;
        }
    }

private:
    std::array<slot_range, most> ranges_{};
    std::size_t count_ = 0;
};

namespace detail {

/// The newest stretches of a chart. Forgets the times of a replaced stretch: cursors still get its
/// kept slots, windows do not.
///
/// The recorder announces a stretch before it overwrites the oldest, and counts it afterwards. A
/// reader that sees the announcement after a read treats the old stretch as forgotten.
template <recording_policy Recording>
class slot_times {
public:
    static constexpr std::size_t most = slot_window::most;

    /// Precondition: 1 <= every <= 2^32.
    constexpr explicit slot_times(seconds every) noexcept
        : every_less_one_{static_cast<std::uint32_t>(every.value - 1)} {}

    [[nodiscard]] constexpr seconds every() const noexcept {
        return seconds{std::int64_t{every_less_one_} + 1};
    }

    // --- the recorder's side

    /// Gives a slot after all earlier ones the time `at`; later slots follow. Call it before that
    /// slot is published.
    void begin(slot_stretch next) noexcept {
        slot_stretch& oldest = stretches_[known(steps_) % most];
        Recording::store(steps_, steps_ + 1);
        Recording::store(oldest.first, next.first);
        Recording::store(oldest.at, next.at);
        Recording::store(steps_, steps_ + 1);
    }
    /// The newest stretch. Precondition: there is one.
    [[nodiscard]] slot_stretch newest() const noexcept {
        return stretches_[(known(steps_) - 1) % most];
    }

    // --- the readers' side

    /// The time of a slot, or `unknown` if forgotten.
    [[nodiscard]] unix_seconds time_of(slot_number slot) const noexcept {
        unix_seconds time = unknown;
        walk([&](slot_stretch one) noexcept {
            time = one.first <= slot ? one.time_of(slot, every()) : unknown;
            return time == unknown;
        });
        return time;
    }
    static constexpr unix_seconds unknown = INT64_MIN;

    /// The kept slots with after < time <= before.
    [[nodiscard]] slot_window window(slot_range kept, unix_seconds after,
                                     unix_seconds before) const noexcept {
        slot_window found;
        walk([&](slot_stretch one) noexcept {
            const slot_range all = kept.within({one.first, INT64_MAX});
            found.add(all.within({one.after(after, every()), one.after(before, every())}));
            kept.end = kept.end < one.first ? kept.end : one.first;
            return !kept.empty();
        });
        return found;
    }

    /// The slot and time of a value collected `age` seconds before a row. For a value older than
    /// all remembered stretches: its last possible slot and an approximate time.
    ///
    /// @param slot, at  the row's
    [[nodiscard]] slot_stretch collected(slot_number slot, unix_seconds at,
                                         std::int64_t age) const noexcept {
        if (age == 0) [[likely]] {
            return {slot, at};
        }
        // After the clock was set back, earlier times seem to be in the future.
        at -= age;
        slot_stretch oldest{INT64_MAX, 0};
        walk([&](slot_stretch one) noexcept {
            if (one.first > slot) {
                return true;
            }
            if (oldest.first != INT64_MAX) {
                const std::int64_t set_back = one.time_of(oldest.first, every()) - oldest.at;
                at += set_back > 0 ? set_back : 0;
            }
            oldest = one;
            return at < one.at;
        });
        if (oldest.first == INT64_MAX) {
            return {slot, at};
        }
        return {at < oldest.at ? oldest.first - 1 : oldest.nearest(at, every()), at};
    }

private:
    /// Calls look(stretch) for the remembered stretches, from the newest on, until it returns
    /// false.
    template <class Look>
    void walk(Look look) const noexcept {
        const std::uint32_t newest = known(Recording::load(steps_));
        for (std::uint32_t n = 1; n <= newest && n <= most; ++n) {
            const slot_stretch& entry = stretches_[(newest - n) % most];
            const slot_stretch one{Recording::load(entry.first), Recording::load(entry.at)};
            if (announced(Recording::load(steps_)) - (newest - n) > most || !look(one)) {
                return;
            }
        }
    }

    /// The numbers of counted and of announced stretches.
    static constexpr std::uint32_t known(std::uint32_t steps) noexcept { return steps / 2; }
    static constexpr std::uint32_t announced(std::uint32_t steps) noexcept {
        return known(steps) + steps % 2;
    }

    std::array<slot_stretch, most> stretches_{};
    std::uint32_t every_less_one_;  // so that 2^32 seconds fit
    std::uint32_t steps_ = 0;       // two per stretch: announced, counted
};

}  // namespace detail
}  // namespace backends::inline BACKENDS_ISA
