// SPDX-License-Identifier: BSL-1.0
//
// Storage: a chart's past: its ring of samples, its last collected values and its account,
// addressed by time. The exporter reads this side of a chart; the chart fills it.
#pragma once

#include <backends/cell/cell.hpp>
#include <backends/core/inline.hpp>
#include <backends/core/time.hpp>
#include <backends/storage/chart_counters.hpp>
#include <backends/storage/chart_options.hpp>
#include <backends/storage/collected.hpp>
#include <backends/storage/optional_parts.hpp>
#include <backends/storage/recording_policy.hpp>
#include <backends/storage/ring.hpp>
#include <backends/storage/slot_times.hpp>
#include <backends/storage/slots.hpp>

#include <cstddef>
#include <cstdint>

namespace backends::inline BACKENDS_ISA {

/// The reading side of a chart. Members throw only what a caller's `visit` throws, and may run on
/// any thread that the recording policy allows; none ever makes a wait-free recorder wait. The
/// alignment puts all that a reader needs besides the rows into one cache line.
template <class Cell, std::size_t Capacity, class Recording>
class alignas(64) history {
    static_assert(
        backends::cell<Cell>,
        "backends: a chart's cell needs word, value, sum, gap, store, exists and load; see "
        "docs/concepts/cell.md");
    static_assert(recording_policy<Recording>,
                  "backends: a recording policy needs load, store, recording and reading; see "
                  "docs/concepts/recording_policy.md");
    static_assert(detail::has_whole_parts<Cell, Recording>());

public:
    using cell = Cell;                 ///< how a slot keeps a sample
    using word = typename Cell::word;  ///< the ring's element
    using recording = Recording;       ///< how threads share it

    history(const history&) = delete;
    history& operator=(const history&) = delete;

    /// Columns of a row.
    [[nodiscard]] std::size_t width() const noexcept { return ring_.width(); }
    /// Slots of the ring.
    [[nodiscard]] std::size_t capacity() const noexcept { return ring_.capacity(); }
    /// From slot to slot.
    [[nodiscard]] seconds update_every() const noexcept { return times_.every(); }

    /// The kept slots with after < time <= before: several ranges if the clock was set meanwhile.
    [[nodiscard]] slot_window window(unix_seconds after, unix_seconds before) const noexcept {
        [[maybe_unused]] const auto guard = policy_.reading();
        return times_.window(ring_.kept(), after, before);
    }

    /// The kept slots from `next` on. The smallest slot number as a cursor gets all kept slots.
    [[nodiscard]] slot_range unread(slot_number next) const noexcept {
        [[maybe_unused]] const auto guard = policy_.reading();
        return ring_.kept().within({next, INT64_MAX});
    }

    /// The time of a slot, or `no_time` if forgotten: a chart remembers the newest four stretches
    /// of time, and every change of the clock begins another.
    [[nodiscard]] unix_seconds time_of(slot_number slot) const noexcept {
        [[maybe_unused]] const auto guard = policy_.reading();
        return times_.time_of(slot);
    }
    /// Earlier than every time.
    static constexpr unix_seconds no_time = detail::slot_times<Recording>::unknown;

    /// Calls visit(unix_seconds, double) for a dimension's samples with after < time <= before, the
    /// newest first. Omits what a recorder overwrote meanwhile. Returns the number of samples.
    /// `visit` must not use a chart that locks. Precondition: dimension < width().
    template <class Visit>
    std::uint64_t samples(std::size_t dimension, unix_seconds after, unix_seconds before,
                          Visit&& visit_sample) const {
        std::uint64_t n = 0;
        for (const slot_range range : window(after, before)) {
            slot_number slot = range.end;
            visit<1>(range, dimension, [&](const auto& row) {
                const unix_seconds at = times_.time_of(--slot);
                if (Cell::exists(row[0]) && at != no_time) {
                    visit_sample(at, static_cast<double>(Cell::load(row[0])));
                    ++n;
                }
            });
        }
        return n;
    }

    /// Calls visit(row) for the kept rows of `range`, from the newest to the oldest, with the
    /// columns [column, column + N) as an array of N words. Returns the number of rows. Omits rows
    /// that a recorder overwrote meanwhile; they are the oldest. Precondition: column + N <=
    /// width().
    template <std::size_t N, class Visit>
    std::uint64_t visit(slot_range range, std::size_t column, Visit&& visit_row) const {
        [[maybe_unused]] const auto guard = policy_.reading();
        return ring_.template visit<N>(range, column, visit_row);
    }
    template <std::size_t N, class Visit>
    std::uint64_t visit(const slot_window& from, std::size_t column, Visit&& visit_row) const {
        std::uint64_t rows = 0;
        for (const slot_range range : from) {
            rows += visit<N>(range, column, visit_row);
        }
        return rows;
    }
    /// Folds the same rows as Load (row_views.hpp) and checks them afterwards: on false, discard
    /// `fold`, see ring::fold. Precondition: `range` was kept.
    template <class Load, class Fold>
    [[nodiscard]] BACKENDS_INLINE bool fold(slot_range range, std::size_t column,
                                            Fold& fold) const noexcept {
        [[maybe_unused]] const auto guard = policy_.reading();
        return ring_.template fold<Load>(range, column, fold);
    }
    template <class Load, class Fold>
    [[nodiscard]] BACKENDS_INLINE bool fold(const slot_window& from, std::size_t column,
                                            Fold& fold) const noexcept {
        for (const slot_range range : from) {
            if (!this->template fold<Load>(range, column, fold)) {
                return false;
            }
        }
        return !from.empty();
    }

    /// Prefetches the header of the ring.
    void prefetch_ring() const noexcept { detail::prefetch(&ring_, 1); }
    /// Prefetches rows from `next` on, as it pays for reads of `charts` charts in a row.
    void prefetch_rows(slot_number next, std::size_t charts) const noexcept {
        [[maybe_unused]] const auto guard = policy_.reading();
        ring_.prefetch(next, charts);
    }
    /// Prefetches the last collected values.
    void prefetch_collected() const noexcept {
        [[maybe_unused]] const auto guard = policy_.reading();
        collected_.prefetch();
    }

    /// What has been recorded up to now.
    [[nodiscard]] BACKENDS_INLINE recorded_samples recorded() const noexcept {
        [[maybe_unused]] const auto guard = policy_.reading();
        return ring_.recorded();
    }

    /// Input that was refused or changed.
    [[nodiscard]] chart_counters counters() const noexcept {
        [[maybe_unused]] const auto guard = policy_.reading();
        const backends::disorder told = ring_.disorder();
        return {told.refused, Recording::load(non_finite_), Recording::load(saturated_),
                told.clock_steps};
    }
    /// The disorder in counters(). It shares a cache line with all that a reader needs.
    [[nodiscard]] backends::disorder disorder() const noexcept {
        [[maybe_unused]] const auto guard = policy_.reading();
        return ring_.disorder();
    }

    /// Whether it is a distributing_chart.
    [[nodiscard]] bool has_distributions() const noexcept { return has_distributions_; }

    /// Shared ownership of a chart that its host may remove: a boost::intrusive_ptr made while the
    /// host has the chart keeps it alive. Any thread.
    friend void intrusive_ptr_add_ref(const history* held) noexcept {
        __atomic_fetch_add(&held->holders_, 1U, __ATOMIC_RELAXED);
    }
    /// Ends a share; what its holder recorded is visible to whoever finds is_held() false.
    friend void intrusive_ptr_release(const history* held) noexcept {
        __atomic_fetch_sub(&held->holders_, 1U, __ATOMIC_RELEASE);
    }
    /// True while anybody holds the chart. After false, all that the holders recorded is visible.
    [[nodiscard]] bool is_held() const noexcept {
        return __atomic_load_n(&holders_, __ATOMIC_ACQUIRE) != 0;
    }

protected:
    using last_collected = detail::last_collected<Recording>;

    /// `shared`: provides the rows; nullptr: the chart allocates its own.
    history(std::size_t width, const chart_options& options, row_tiles<word>* shared)
        : ring_{width, options.entries.value_or(default_capacity), Cell::gap, shared},
          collected_{width},
          times_{options.update_every},
          late_slots_{detail::late_slots(options)} {}
    [[gnu::noinline]] ~history() = default;

    void mark_distributing() noexcept { has_distributions_ = true; }

    /// The row to fill for a time, or nullptr if the row is refused and counted.
    [[nodiscard]] word* open(unix_seconds at) noexcept {
        if (at == next_at_ && at != nothing_yet) [[likely]] {
            next_at_ += times_.every().value;
            return ring_.claim(ring_.next(), Cell::gap);
        }
        return open_elsewhere(at);
    }
    /// Gives the open row's collected values its time, like last_collected::stamp().
    void stamp(unix_seconds at, const std::uint8_t* is_new) noexcept {
        collected_.stamp(ring_.claimed() - 1, at, is_new);
    }
    /// Makes the open row and its collected values visible. `samples`: its number of non-gaps.
    void publish(std::size_t samples) noexcept {
        collected_.publish();
        ring_.publish(samples);
    }
    void count(store_outcome outcome, std::uint64_t n = 1) noexcept {
        std::uint64_t& total = outcome == store_outcome::saturated ? saturated_ : non_finite_;
        Recording::store(total, total + n);
    }

    /// The second for a row recorded now: the nearest one, measured from the first such row's
    /// position in its second. So a collector may run at any fraction of a second, half a second
    /// early or late.
    [[nodiscard]] unix_seconds now() noexcept {
        [[maybe_unused]] const auto guard = policy_.recording();
        const wall_time read = detail::wall_clock_of<Recording>();
        const std::int64_t milliseconds = read.nanosecond / 1'000'000;
        if (lead_ == no_lead) {
            const bool is_due = next_at_ != nothing_yet && next_at_ - read.second >= -1 &&
                                next_at_ - read.second <= 1;
            const unix_seconds at = is_due ? next_at_ : read.second;
            lead_ = static_cast<std::int16_t>((at - read.second) * 1000 - milliseconds);
            return at;
        }
        // The two extra seconds keep the quotient from being negative.
        return read.second + (milliseconds + lead_ + 2500) / 1000 - 2;
    }

    ring<word, Capacity, Recording> ring_;
    last_collected collected_;
    detail::slot_times<Recording> times_;
    Recording policy_;

private:
    // A first row, a jump, an early or late time, a set clock: finding the slot needs a division.
    [[nodiscard]] word* open_elsewhere(unix_seconds at) noexcept {
        if (at < -latest_time || at > latest_time) {
            return refuse();
        }
        const seconds every = times_.every();
        slot_number slot = ring_.next();
        if (!ring_.any()) {
            if (is_to_come(at)) {
                return refuse();
            }
            times_.begin({slot, at});
        } else if (const slot_stretch now = times_.newest(); now.nearest(at, every) != slot) {
            const slot_number nearest = now.nearest(at, every);
            if (is_to_come(at) || (nearest < slot && slot - nearest <= late_slots_)) {
                return refuse();
            }
            if (nearest < slot) {
                collected_.set_back(now.time_of(slot, every) - at);
                ring_.count_clock_step();
                begin_stretch({slot, at});
            } else if (nearest - slot > static_cast<slot_number>(capacity() / 2)) {
                // So many gaps would overwrite samples that no exporter has read.
                begin_stretch({slot, at});
            } else {
                slot = nearest;
            }
        }
        next_at_ = times_.newest().time_of(slot + 1, every);
        return ring_.claim(slot, Cell::gap);
    }
    [[nodiscard]] word* refuse() noexcept {
        ring_.count_refused();
        return nullptr;
    }
    /// The next row will show the collector's position in the second by the new clock.
    void begin_stretch(slot_stretch next) noexcept {
        times_.begin(next);
        lead_ = no_lead;
    }

    /// True for a time more than a day ahead: no clock is, so its unit is wrong or it is garbage.
    /// After such a row, all others would be late.
    static bool is_to_come(unix_seconds at) noexcept {
        constexpr unix_seconds day = 24 * 60 * 60;
        return at - day > detail::wall_clock_of<Recording>().second;
    }

    static constexpr unix_seconds nothing_yet = INT64_MIN;
    static constexpr std::int16_t no_lead = INT16_MIN;

    bool has_distributions_ = false;  // constant; here it takes a byte that nothing else would
    std::int16_t lead_ = no_lead;     // the recorder's: from its clock to a whole second, see now()
    mutable std::uint32_t holders_ = 0;   // used by any thread
    unix_seconds next_at_ = nothing_yet;  // the recorder's: the time of the slot after the newest
    // Shared.
    std::uint64_t non_finite_ = 0;
    std::uint64_t saturated_ = 0;
    // Used by the recorder alone. Last, so that derived classes can place their members next to it.
    std::uint32_t late_slots_;  // a row in one of this many newest slots is late
};

}  // namespace backends
