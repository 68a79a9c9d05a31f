// SPDX-License-Identifier: BSL-1.0
//
// Storage: the times of a chart's slots, a mapping beside their numbers. While nobody sets the
// clock it is one stretch of slots at one distance; each time that it is set another one begins.
#pragma once

#include <backends/core/time.hpp>
#include <backends/isa.hpp>
#include <backends/storage/recording_policy.hpp>
#include <backends/storage/slots.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace backends::inline BACKENDS_ISA {

/// The slots of a window: one range as a rule, several where the clock was set within it. From the
/// newest to the oldest; no two of them touch.
class slot_window {
public:
    static constexpr std::size_t most = 4;

    [[nodiscard]] constexpr const slot_range* begin() const noexcept { return ranges_.data(); }
    [[nodiscard]] constexpr const slot_range* end() const noexcept {
        return ranges_.data() + count_;
    }
    /// Whether there are no slots in it.
    [[nodiscard]] constexpr bool empty() const noexcept { return count_ == 0; }
    /// The number of slots.
    [[nodiscard]] constexpr std::uint64_t size() const noexcept {
        std::uint64_t n = 0;
        for (const slot_range range : *this) {
            n += range.size();
        }
        return n;
    }

    /// Adds a range that lies before all others. Precondition: fewer than `most` were added.
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

/// The newest stretches of a chart. Of one that was replaced the slots are kept as long as any, and
/// a cursor gets them, but their times are forgotten, and no window has them any more.
///
/// A stretch is announced before it is written over the oldest, and counted after: a reader that
/// finds the announcement behind what it read takes the old one for forgotten, which it is.
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

    /// Makes `at` the time of a slot behind all before, and those behind it follow. To be called
    /// before that slot is published.
    void begin(slot_stretch next) noexcept {
        slot_stretch& oldest = stretches_[known(steps_) % most];
        Recording::store(steps_, steps_ + 1);
        Recording::store(oldest.first, next.first);
        Recording::store(oldest.at, next.at);
        Recording::store(steps_, steps_ + 1);
    }
    /// The newest. Precondition: there is one.
    [[nodiscard]] slot_stretch newest() const noexcept {
        return stretches_[(known(steps_) - 1) % most];
    }

    // --- the readers' side

    /// The time of a slot; `unknown` when it is forgotten.
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

    /// When and in which slot a value was collected that is `age` seconds older than a row. Of one
    /// from before all remembered stretches: the last slot that it may have been, and about when.
    ///
    /// @param slot, at  the row's
    [[nodiscard]] slot_stretch collected(slot_number slot, unix_seconds at,
                                         std::int64_t age) const noexcept {
        if (age == 0) [[likely]] {
            return {slot, at};
        }
        // A clock that was set back says of what came before that it is still to come.
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
    /// Hands look(stretch) the remembered ones from the newest on, until it returns false.
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

    /// Stretches that were counted, and those that were announced.
    static constexpr std::uint32_t known(std::uint32_t steps) noexcept { return steps / 2; }
    static constexpr std::uint32_t announced(std::uint32_t steps) noexcept {
        return known(steps) + steps % 2;
    }

    std::array<slot_stretch, most> stretches_{};
    std::uint32_t every_less_one_;  // 2^32 seconds fit, too
    std::uint32_t steps_ = 0;       // two for a stretch: announced, counted
};

}  // namespace detail
}  // namespace backends::inline BACKENDS_ISA
