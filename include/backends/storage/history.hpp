// SPDX-License-Identifier: BSL-1.0
//
// Storage: the past of a chart: its ring of samples, its last collected values and its account,
// addressed by time. This is the side of a chart that the exporter reads; the chart fills it.
#pragma once

#include <backends/core/time.hpp>
#include <backends/storage/cell.hpp>
#include <backends/storage/collected.hpp>
#include <backends/storage/optional_parts.hpp>
#include <backends/storage/recording.hpp>
#include <backends/storage/ring.hpp>
#include <backends/storage/slots.hpp>

#include <cstddef>
#include <cstdint>

namespace backends::inline BACKENDS_ISA {

/// What a chart did not store as it was given. Monotonic.
struct chart_counters {
    std::uint64_t refused = 0;     ///< rows whose slot was not later than the newest
    std::uint64_t non_finite = 0;  ///< NaN and infinite values: stored as gaps
    std::uint64_t saturated = 0;   ///< values beyond the cell's range
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
    [[nodiscard]] seconds update_every() const noexcept { return grid_.update_every(); }

    /// The kept slots whose time is later than `after` and not later than `before`.
    [[nodiscard]] slot_range window(unix_seconds after, unix_seconds before) const noexcept {
        [[maybe_unused]] const auto guard = policy_.reading();
        const slot_range kept = ring_.kept();
        return kept.empty() ? kept : kept.within({grid_.after(after), grid_.after(before)});
    }

    /// The kept slots from `next` on. A cursor that starts at the smallest slot number gets
    /// everything that is kept.
    [[nodiscard]] slot_range unread(slot_number next) const noexcept {
        [[maybe_unused]] const auto guard = policy_.reading();
        return ring_.kept().within({next, INT64_MAX});
    }

    /// The slot nearest to a time and back. Precondition: something was recorded.
    [[nodiscard]] slot_number slot_of(unix_seconds at) const noexcept { return grid_.nearest(at); }
    [[nodiscard]] unix_seconds time_of(slot_number slot) const noexcept {
        return grid_.time_of(slot);
    }

    /// Calls visit(row) with the columns [column, column + N) of the kept rows of `range`, an array of
    /// N words, from the newest to the oldest, and returns their number. Rows that are overwritten
    /// meanwhile are left out; they are the oldest.
    template <std::size_t N, class Visit>
    std::uint64_t visit(slot_range range, std::size_t column, Visit&& visit_row) const noexcept {
        [[maybe_unused]] const auto guard = policy_.reading();
        return ring_.template visit<N>(range, column, visit_row);
    }
    /// The same rows as Load (lanes.hpp) gives them, checked only after all were read: false says that
    /// what is in `fold` is worth nothing, see ring::fold. Precondition: `range` was kept.
    template <class Load, class Fold>
    [[nodiscard, gnu::always_inline]] bool fold(slot_range range, std::size_t column,
                                                Fold& fold) const noexcept {
        [[maybe_unused]] const auto guard = policy_.reading();
        return ring_.template fold<Load>(range, column, fold);
    }

    /// Hints: ask the processor for what says where the rows are, for the rows from `next` on, or for
    /// the last collected values.
    void fetch_ring() const noexcept { detail::fetch(&ring_, 1); }
    void fetch_rows(slot_number next, std::size_t charts) const noexcept {
        [[maybe_unused]] const auto guard = policy_.reading();
        ring_.fetch(next, charts);
    }
    void fetch_collected() const noexcept {
        [[maybe_unused]] const auto guard = policy_.reading();
        collected_.fetch();
    }

    [[nodiscard]] recorded_samples recorded() const noexcept {
        [[maybe_unused]] const auto guard = policy_.reading();
        return ring_.recorded();
    }

    [[nodiscard]] chart_counters counters() const noexcept {
        [[maybe_unused]] const auto guard = policy_.reading();
        return {Recording::load(counters_.refused), Recording::load(counters_.non_finite),
                Recording::load(counters_.saturated)};
    }

    /// Shared ownership of a chart that its host may remove: a boost::intrusive_ptr to it, made while the
    /// chart is the host's, keeps it. Any thread.
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
    history(std::size_t width, std::size_t entries, seconds update_every, row_tiles<word>* shared)
        : ring_{width, entries, Cell::gap, shared}, collected_{width}, grid_{update_every} {}
    ~history() = default;

    /// The row to be filled for a time, or nullptr: refused, and counted.
    [[nodiscard]] word* open(unix_seconds at) noexcept {
        if (at == next_at_ && at != nothing_yet) [[likely]] {
            next_at_ += grid_.update_every().value;
            return ring_.claim(ring_.next());
        }
        return open_elsewhere(at);
    }
    /// Makes the open row and its collected values visible. `samples`: how many are not gaps.
    void publish(std::size_t samples) noexcept {
        collected_.publish();
        ring_.publish(samples);
    }
    void count(store_outcome outcome, std::uint64_t n = 1) noexcept {
        std::uint64_t& counter =
            outcome == store_outcome::saturated ? counters_.saturated : counters_.non_finite;
        Recording::store(counter, counter + n);
    }

    ring<word, Capacity, Recording> ring_;
    last_collected collected_;
    slot_grid grid_;
    Recording policy_;

private:
    // A first row, a jump, an early or late time: the time needs a division.
    [[nodiscard]] word* open_elsewhere(unix_seconds at) noexcept {
        const bool is_first = !ring_.any();
        if (slot_grid::can_hold(at)) {
            if (is_first) {
                grid_.anchor(at);
            }
            const slot_number slot = grid_.nearest(at);
            if (is_first || slot >= ring_.next()) {
                next_at_ = grid_.time_of(slot + 1);
                return ring_.claim(slot);
            }
        }
        Recording::store(counters_.refused, counters_.refused + 1);
        return nullptr;
    }

    static constexpr unix_seconds nothing_yet = INT64_MIN;

    unix_seconds next_at_ =
        nothing_yet;  // the recorder's own: the time of the slot behind the newest
    chart_counters counters_;
    mutable std::uint32_t holders_ = 0;
};

}  // namespace backends
