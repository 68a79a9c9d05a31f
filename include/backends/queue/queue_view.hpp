// SPDX-License-Identifier: BSL-1.0
//
// Queue: What somebody sees of a line queue who keeps a copy of it elsewhere: its bytes,
// where their batches end, and where they stand in the stream of all that was ever accepted.
#pragma once

#include <backends/queue/line_queue.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace backends::inline BACKENDS_ISA {

/// Whole lines that were accepted one after the other and belong to one batch. Their bytes may lie
/// in two pieces.
struct queue_stretch {
    std::uint64_t position = 0;  ///< of the first byte in the stream
    std::string_view first;
    std::string_view second;
    bool ends_batch = false;  ///< its last line is the last of the batch

    [[nodiscard]] std::size_t size() const noexcept { return first.size() + second.size(); }
};

/// Good until the queue is changed. Every member function is noexcept.
class queue_view {
public:
    explicit queue_view(const line_queue& queue) noexcept : queue_{&queue} {}

    [[nodiscard]] std::size_t size() const noexcept { return queue_->size(); }

    /// The lines from `offset` on, where a line starts, up to the next end of a batch or gap in the
    /// stream. To see all: `for (std::size_t at = 0; at != v.size(); at += v.from(at).size())`.
    /// \pre offset < size()
    [[nodiscard]] queue_stretch from(std::size_t offset) const noexcept {
        const std::size_t batch = queue_->batches_.after(offset, size());
        const std::size_t end = (std::min)(batch, queue_->positions_.run_end(offset));
        const std::size_t run = (std::min)(queue_->block_.run_after(offset), end - offset);
        const std::size_t rest = end - offset - run;
        return {position(offset),
                {queue_->block_.at(offset), run},
                {rest == 0 ? nullptr : queue_->block_.at(offset + run), rest},
                end == batch && end <= queue_->batches_.last()};
    }

    /// Where the byte at `offset` stands in the stream; at size(), where the next one will. What
    /// the queue drops leaves a gap: a byte never gets another position while numbering() is the
    /// same.
    [[nodiscard]] std::uint64_t position(std::size_t offset) const noexcept {
        return queue_->positions_.at(offset);
    }
    /// Grows when all bytes have got new positions, higher than all before: there were too many
    /// gaps.
    [[nodiscard]] std::uint64_t numbering() const noexcept {
        return queue_->positions_.numbering();
    }

private:
    const line_queue* queue_;
};

}  // namespace backends
