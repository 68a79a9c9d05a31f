// SPDX-License-Identifier: BSL-1.0
//
// Storage: the ring of rows. A row holds the cells of all dimensions at one slot, and rows have one
// distance. So a window is at most two even walks, without a division or a wrap test per slot. The
// recording policy defines how a recorder and readers share it.
#pragma once

#include <backends/cell/cell.hpp>
#include <backends/cell/row_views.hpp>
#include <backends/core/as.hpp>
#include <backends/core/inline.hpp>
#include <backends/hardware/prefetch.hpp>
#include <backends/storage/chart_counters.hpp>
#include <backends/storage/recording_policy.hpp>
#include <backends/storage/row_tiles.hpp>
#include <backends/storage/slots.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace backends::inline BACKENDS_ISA {

/// The capacity is given at construction.
inline constexpr std::size_t dynamic_capacity = static_cast<std::size_t>(-1);

/// The kept slots, and the number of samples ever stored before their end. Gaps are not samples.
struct recorded_samples {
    slot_range kept;            ///< the slots that are left
    std::uint64_t samples = 0;  ///< since the beginning, without gaps
    /// False: the recorder was inside a row, so the two may not belong together.
    bool is_consistent = false;
};

/// A ring of `Capacity` rows of `width` words. Allocates at construction only.
///
/// The recorder claims a slot, fills its row and publishes it. Readers visit published rows. If the
/// policy allows reads during recording, the reader checks after reading a row whether a recorder
/// claimed it again. The visit then ends: everything older is gone as well.
template <class Word, std::size_t Capacity, recording_policy Recording>
class ring {
    static_assert(Capacity > 0, "a ring holds at least one row");
    static_assert(Capacity <= max_slots || Capacity == dynamic_capacity,
                  "backends: a ring has at most 2^29 slots");

public:
    /// Takes its rows from `shared`, which must outlive it, or allocates them. Preconditions: 0 <
    /// width < 2^32, 0 < capacity <= max_slots; only dynamic_capacity uses `capacity`.
    ring(std::size_t width, std::size_t capacity, Word gap, row_tiles<Word>* shared = nullptr)
        : width_{static_cast<std::uint32_t>(width)},
          capacity_{static_cast<std::uint32_t>(Capacity == dynamic_capacity ? capacity : Capacity)},
          shared_{shared} {
        if (shared != nullptr) {
            const row_space<Word> rows = shared->take(this->capacity(), width, gap);
            rows_ = rows.first;
            stride_ = static_cast<std::uint32_t>(rows.stride);
        } else {
            const std::size_t words = width * this->capacity();
            rows_ = new Word[words];
            stride_ = width_;
            for (std::size_t i = 0; i < words; ++i) {
                rows_[i] = gap;
            }
        }
    }
    ring(const ring&) = delete;
    ring& operator=(const ring&) = delete;
    ~ring() {
        if (shared_ != nullptr) {
            shared_->give({rows_, stride_}, capacity(), width_);
        } else {
            delete[] rows_;
        }
    }

    [[nodiscard]] std::size_t width() const noexcept { return width_; }  ///< columns of a row
    /// Slots.
    [[nodiscard]] std::size_t capacity() const noexcept {
        return Capacity == dynamic_capacity ? capacity_ : Capacity;
    }

    // --- the recorder's side

    /// The slot after the newest.
    [[nodiscard]] slot_number next() const noexcept { return published_; }

    /// The row of a slot; the recorder fills every column and then publishes it. Fills skipped rows
    /// with `gap`. Precondition: slot >= next().
    Word* claim(slot_number slot, Word gap) noexcept {
        Recording::store(claimed_, slot + 1);
        if (slot != published_) [[unlikely]] {
            jump(slot, gap);
        }
        return row(next_index_);
    }

    /// Makes the claimed row the newest. `samples`: its number of non-gaps.
    void publish(std::uint64_t samples) noexcept {
        Recording::store(samples_, samples_ + samples);
        next_index_ = next_index_ + 1U == capacity() ? 0 : next_index_ + 1U;
        Recording::store(published_, claimed_);
    }

    /// Counts a refused row in disorder().
    void count_refused() noexcept { Recording::store(refused_, refused_ + 1); }
    /// Counts a step back of the clock in disorder().
    void count_clock_step() noexcept { Recording::store(clock_steps_, clock_steps_ + 1); }

    // --- the readers' side

    /// The slot after the newest published one.
    [[nodiscard]] slot_number end() const noexcept { return Recording::load(published_); }
    /// True once a row was published.
    [[nodiscard]] bool any() const noexcept { return end() != 0; }
    /// The slot after the claimed one. Differs from end() only while, as far as this thread sees,
    /// the recorder is between claim() and publish().
    [[nodiscard]] slot_number claimed() const noexcept { return Recording::load(claimed_); }

    /// The newest capacity() slots, fewer at first.
    [[nodiscard]] slot_range kept() const noexcept {
        const slot_number last = end();
        const slot_number oldest = last - static_cast<slot_number>(capacity());
        return {oldest > 0 ? oldest : 0, last};
    }

    /// The counts of out-of-order input.
    [[nodiscard]] backends::disorder disorder() const noexcept {
        return {Recording::load(refused_), Recording::load(clock_steps_)};
    }

    /// The account of the kept slots.
    [[nodiscard]] BACKENDS_INLINE recorded_samples recorded() const noexcept {
        // The recorder claims a slot, counts its samples, publishes it. If the claim, read last,
        // still equals the publication, read first, the sample count in between belongs to both.
        slot_range now = kept();  // not const: g++ 12 would keep it in memory
        const std::uint64_t samples = Recording::load(samples_);
        return {now, samples, claimed() == now.end};
    }

    /// Prefetches the kept rows from `next` on into L2, ahead of a walk over `rings` rings; L1 has
    /// too little room and too few miss buffers. The hardware prefetcher follows the newest 16 rows
    /// by itself as long as everything fits the cache; then nothing is done. Of the older rows each
    /// ring prefetches every fourth, and its three neighbours' part of that row with it: longer
    /// pieces of fewer streams.
    void prefetch(slot_number next, std::size_t rings) const noexcept {
        constexpr std::size_t streams = 16;
        constexpr std::size_t cached = 3'500'000;  // bytes, measured on AMD EPYC
        constexpr std::size_t together = 4;
        constexpr auto into = detail::cache::second_level;
        const slot_range range = kept().within({next, INT64_MAX});
        if (range.empty()) {
            return;
        }
        const std::size_t rows = range.size();
        const std::size_t newest = index_of(range.end - 1);
        const std::size_t bytes = width_ * sizeof(Word);
        if (rows <= streams && rings * rows * bytes < cached) {
            return;
        }
        // Leaves out rows that wrapped around to the ring's end, above the newest.
        const std::size_t below = rows <= newest ? rows : newest + 1;
        detail::prefetch_downwards<into>(row(newest), bytes, below < streams ? below : streams,
                                         stride_ * sizeof(Word));
        if (rows > streams) {
            const std::size_t turn = reinterpret_cast<std::uintptr_t>(rows_) / bytes % together;
            for (std::size_t n = streams + turn; n < rows; n += together) {
                const std::size_t index = n <= newest ? newest - n : newest + capacity() - n;
                detail::prefetch<into>(row(index), together * bytes);
            }
        }
    }

    /// Calls fold(row) with the columns [column, column + Load::width) of every kept row of
    /// `range`, in Load's form (row_views.hpp), from the newest to the oldest. Checks only after
    /// the last row. Returns false if a recorder claimed one of the rows meanwhile, or if there was
    /// none; then discard `fold` and use visit() for the remaining rows.
    ///
    /// One check suffices: the recorder claims a row before it writes it, and the oldest row of a
    /// range first. If that row was unclaimed after the last read, no read saw a new row.
    ///
    /// Precondition: the range is a result of kept() or part of one.
    template <class Load, class Fold>
    [[nodiscard]] BACKENDS_INLINE bool fold(slot_range range, std::size_t column,
                                            Fold& fold) const noexcept {
        if constexpr (!Recording::is_read_while_recorded) {
            range = range.within(kept());  // a claim since kept() would go unnoticed
        }
        if (range.empty()) {
            return false;  // not true: that would make the compiler keep an empty fold in memory
        }
        const std::size_t stride = stride_;
        auto rows = detail::as<std::size_t>(range.size());
        std::size_t newest = index_of(range.end - 1);
        for (;;) {  // at most twice: down to the ring's start, then from its end
            const std::size_t span = rows <= newest ? rows : newest + 1;
            const Word* words = row(newest) + column;
            for (std::size_t left = span; left != 0; --left, words -= stride) {
                fold(typename Load::template row<Recording>{words});
            }
            rows -= span;
            if (rows == 0) {
                break;
            }
            newest = capacity() - 1;
        }
        return !Recording::is_read_while_recorded || is_kept(range.first);
    }

    /// Calls visit(row) in the order of fold(), but checks each row after reading it and before the
    /// call. Returns the number of visited rows, without kept rows that a recorder overwrote before
    /// the read. Precondition: column + N <= width().
    template <std::size_t N, class Visit>
    std::uint64_t visit(slot_range range, std::size_t column, Visit&& visit_row) const {
        range = range.within(kept());
        if (range.empty()) {
            return 0;
        }
        std::size_t index = index_of(range.end - 1);
        for (slot_number slot = range.end - 1; slot >= range.first; --slot) {
            const Word* const words = row(index) + column;
            std::array<Word, N> cells;
            for (std::size_t i = 0; i < N; ++i) {
                cells[i] = Recording::load(words[i]);
            }
            if (Recording::is_read_while_recorded && !is_kept(slot)) {
                return static_cast<std::uint64_t>(range.end - 1 - slot);
            }
            visit_row(cells);
            index = index == 0 ? capacity() - 1 : index - 1;
        }
        return range.size();
    }

private:
    [[nodiscard]] Word* row(std::size_t index) const noexcept { return rows_ + index * stride_; }

    /// Slot 0 has the first row. One division per window or jump, none per slot.
    [[nodiscard]] std::size_t index_of(slot_number slot) const noexcept {
        return static_cast<std::size_t>(slot) % capacity();
    }

    /// Fills the skipped rows with `gap`: all rows if the jump is longer than the ring.
    void jump(slot_number slot, Word gap) noexcept {
        const slot_range skipped{published_, slot};
        const std::uint64_t rows = skipped.size() < capacity() ? skipped.size() : capacity();
        std::size_t index = index_of(slot);
        next_index_ = static_cast<std::uint32_t>(index);
        for (std::uint64_t n = 0; n < rows; ++n) {
            index = index == 0 ? capacity() - 1 : index - 1;
            for (std::size_t column = 0; column < width_; ++column) {
                Recording::store(row(index)[column], gap);
            }
        }
    }

    /// True if nobody has written to a published slot's row yet.
    [[nodiscard]] bool is_kept(slot_number slot) const noexcept {
        // A claim of slot s takes the row of slot s - capacity.
        return slot >= claimed() - static_cast<slot_number>(capacity());
    }

    // One cache line holds all that a reader needs and the recorder writes. It includes the
    // disorder counts, since every cycle of an exporter reads them.
    slot_number claimed_ = 0;
    slot_number published_ = 0;
    std::uint64_t samples_ = 0;
    Word* rows_;            // the first row
    std::uint32_t stride_;  // words from one row to the next
    std::uint32_t width_;
    std::uint32_t capacity_;
    std::uint32_t next_index_ = 0;  // used by the recorder alone
    std::uint64_t refused_ = 0;
    std::uint64_t clock_steps_ = 0;

    row_tiles<Word>* shared_;  // the owner of the rows; nullptr: the ring itself
};

}  // namespace backends
