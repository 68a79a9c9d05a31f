// SPDX-License-Identifier: BSL-1.0
//
// Storage: the past of a chart: its ring of samples, its last collected values and its account,
// addressed by time. This is the side of a chart that the exporter reads; the chart fills it.
#pragma once

#include <backends/cell/cell.hpp>
#include <backends/core/time.hpp>
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

/// What a chart did not store as it was given. Monotonic.
struct chart_counters {
    std::uint64_t refused = 0;     ///< rows: late, a second one in their slot, or of a time to come
    std::uint64_t non_finite = 0;  ///< NaN and infinite values: stored as gaps
    std::uint64_t saturated = 0;   ///< values beyond the cell's range
    std::uint64_t clock_steps =
        0;  ///< times that the clock was found set back; nothing is lost by it
};

/// The reading side of a chart. All of it is noexcept and may run on any thread that the recording
/// policy allows; nothing here ever makes a wait-free recorder wait. Aligned so that what a reading
/// needs to know beside the rows is one cache line.
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
    using cell = Cell;
    using word = typename Cell::word;
    using recording = Recording;

    history(const history&) = delete;
    history& operator=(const history&) = delete;

    [[nodiscard]] std::size_t width() const noexcept { return ring_.width(); }
    [[nodiscard]] std::size_t capacity() const noexcept { return ring_.capacity(); }
    [[nodiscard]] seconds update_every() const noexcept { return times_.every(); }

    /// The kept slots whose time is later than `after` and not later than `before`: several ranges
    /// of them where the clock was set meanwhile.
    [[nodiscard]] slot_window window(unix_seconds after, unix_seconds before) const noexcept {
        [[maybe_unused]] const auto guard = policy_.reading();
        return times_.window(ring_.kept(), after, before);
    }

    /// The kept slots from `next` on. A cursor that starts at the smallest slot number gets
    /// everything that is kept.
    [[nodiscard]] slot_range unread(slot_number next) const noexcept {
        [[maybe_unused]] const auto guard = policy_.reading();
        return ring_.kept().within({next, INT64_MAX});
    }

    /// The time of a slot, `no_time` where it is forgotten: a chart remembers the newest four
    /// stretches of time, and another one begins each time that its clock is set.
    [[nodiscard]] unix_seconds time_of(slot_number slot) const noexcept {
        [[maybe_unused]] const auto guard = policy_.reading();
        return times_.time_of(slot);
    }
    static constexpr unix_seconds no_time = detail::slot_times<Recording>::unknown;

    /// Calls visit(row) with the columns [column, column + N) of the kept rows of `range`, an array
    /// of N words, from the newest to the oldest, and returns their number. Rows that are
    /// overwritten meanwhile are left out; they are the oldest.
    template <std::size_t N, class Visit>
    std::uint64_t visit(slot_range range, std::size_t column, Visit&& visit_row) const noexcept {
        [[maybe_unused]] const auto guard = policy_.reading();
        return ring_.template visit<N>(range, column, visit_row);
    }
    template <std::size_t N, class Visit>
    std::uint64_t visit(const slot_window& from, std::size_t column,
                        Visit&& visit_row) const noexcept {
        std::uint64_t rows = 0;
        for (const slot_range range : from) {
            rows += visit<N>(range, column, visit_row);
        }
        return rows;
    }
    /// The same rows as Load (row_views.hpp) gives them, checked after all were read: false says
    /// that what is in `fold` is worth nothing, see ring::fold. Precondition: `range` was kept.
    template <class Load, class Fold>
    [[nodiscard, gnu::always_inline]] bool fold(slot_range range, std::size_t column,
                                                Fold& fold) const noexcept {
        [[maybe_unused]] const auto guard = policy_.reading();
        return ring_.template fold<Load>(range, column, fold);
    }
    template <class Load, class Fold>
    [[nodiscard, gnu::always_inline]] bool fold(const slot_window& from, std::size_t column,
                                                Fold& fold) const noexcept {
        bool is_worth_something = !from.empty();
        for (const slot_range range : from) {
            is_worth_something =
                this->template fold<Load>(range, column, fold) && is_worth_something;
        }
        return is_worth_something;
    }

    /// Hints: ask the processor for what says where the rows are, for the rows from `next` on, or
    /// for the last collected values.
    void prefetch_ring() const noexcept { detail::prefetch(&ring_, 1); }
    void prefetch_rows(slot_number next, std::size_t charts) const noexcept {
        [[maybe_unused]] const auto guard = policy_.reading();
        ring_.prefetch(next, charts);
    }
    void prefetch_collected() const noexcept {
        [[maybe_unused]] const auto guard = policy_.reading();
        collected_.prefetch();
    }

    [[nodiscard, gnu::always_inline]] recorded_samples recorded() const noexcept {
        [[maybe_unused]] const auto guard = policy_.reading();
        return ring_.recorded();
    }

    [[nodiscard]] chart_counters counters() const noexcept {
        [[maybe_unused]] const auto guard = policy_.reading();
        const backends::disorder told = ring_.disorder();
        return {told.refused, Recording::load(non_finite_), Recording::load(saturated_),
                told.clock_steps};
    }
    /// Of these, what a recorder was told out of order: lies beside what a reading looks at anyway.
    [[nodiscard]] backends::disorder disorder() const noexcept {
        [[maybe_unused]] const auto guard = policy_.reading();
        return ring_.disorder();
    }

    /// Shared ownership of a chart that its host may remove: a boost::intrusive_ptr to it, made
    /// while the chart is the host's, keeps it. Any thread.
    friend void intrusive_ptr_add_ref(const history* held) noexcept {
        __atomic_fetch_add(&held->holders_, 1U, __ATOMIC_RELAXED);
    }
    friend void intrusive_ptr_release(const history* held) noexcept {
        __atomic_fetch_sub(&held->holders_, 1U, __ATOMIC_RELEASE);
    }
    /// Whether anybody does; if not, all that they recorded is to be seen.
    [[nodiscard]] bool is_held() const noexcept {
        return __atomic_load_n(&holders_, __ATOMIC_ACQUIRE) != 0;
    }

protected:
    using last_collected = detail::last_collected<Recording>;

    /// `shared`: where the rows are, if not in memory of the chart's own.
    history(std::size_t width, const chart_options& options, row_tiles<word>* shared)
        : ring_{width, options.entries.value_or(default_capacity), Cell::gap, shared},
          collected_{width},
          times_{options.update_every},
          late_slots_{late_slots(options)} {}
    ~history() = default;

    /// The row to be filled for a time, or nullptr: refused, and counted.
    [[nodiscard]] word* open(unix_seconds at) noexcept {
        if (at == next_at_ && at != nothing_yet) [[likely]] {
            next_at_ += times_.every().value;
            return ring_.claim(ring_.next(), Cell::gap);
        }
        return open_elsewhere(at);
    }
    /// Gives the open row's collected values its time, as last_collected::stamp().
    void stamp(unix_seconds at, const std::uint8_t* is_new) noexcept {
        collected_.stamp(ring_.claimed() - 1, at, is_new);
    }
    /// Makes the open row and its collected values visible. `samples`: how many are not gaps.
    void publish(std::size_t samples) noexcept {
        collected_.publish();
        ring_.publish(samples);
    }
    void count(store_outcome outcome, std::uint64_t n = 1) noexcept {
        std::uint64_t& counter = outcome == store_outcome::saturated ? saturated_ : non_finite_;
        Recording::store(counter, counter + n);
    }

    /// The second for a row that is recorded now: the nearest, counted from where in its second the
    /// first such row came. So a collector that runs at any fraction of a second may be half a
    /// second early or late.
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
        // Two seconds more, so that the quotient is not negative.
        return read.second + (milliseconds + lead_ + 2500) / 1000 - 2;
    }

    ring<word, Capacity, Recording> ring_;
    last_collected collected_;
    detail::slot_times<Recording> times_;
    Recording policy_;

private:
    // A first row, a jump, an early or late time, a clock that was set: the time needs a division.
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
            } else if (nearest - slot > max_gaps()) {
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
    /// Where in its second the collector comes, by the clock as it is now, the next row will tell.
    void begin_stretch(slot_stretch next) noexcept {
        times_.begin(next);
        lead_ = no_lead;
    }

    /// A wrong unit, or garbage: no clock is that far ahead of the machine's, and what follows
    /// would be late.
    static bool is_to_come(unix_seconds at) noexcept {
        constexpr unix_seconds day = 24 * 60 * 60;
        return at - day > detail::wall_clock_of<Recording>().second;
    }
    /// A jump over more slots than this gets the next one. Gaps for all would take the rows of
    /// samples that no exporter has had: the clock may be ahead for a second only.
    [[nodiscard]] slot_number max_gaps() const noexcept {
        return static_cast<slot_number>(capacity() / 2);
    }
    static std::uint32_t late_slots(const chart_options& options) noexcept {
        const std::int64_t every = options.update_every.value;
        const std::int64_t n = options.allowed_lateness ? options.allowed_lateness->value / every
                                                        : (5 / every > 3 ? 5 / every : 3);
        return n < 1 ? 1 : n > UINT32_MAX ? UINT32_MAX : static_cast<std::uint32_t>(n);
    }

    static constexpr unix_seconds nothing_yet = INT64_MIN;
    static constexpr std::int16_t no_lead = INT16_MIN;

    // The recorder's own.
    std::int16_t lead_ = no_lead;  // milliseconds from the clock to a whole second, see now()
    // Anybody's.
    mutable std::uint32_t holders_ = 0;
    unix_seconds next_at_ = nothing_yet;  // the recorder's own: the slot behind the newest has it
    // Shared.
    std::uint64_t non_finite_ = 0;
    std::uint64_t saturated_ = 0;
    // The recorder's own. It stands last for what derived classes put beside it.
    std::uint32_t late_slots_;  // the newest ones, in which a row is late
};

}  // namespace backends
