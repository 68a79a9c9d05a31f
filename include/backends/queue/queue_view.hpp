// SPDX-License-Identifier: BSL-1.0
//
// Queue: A read-only view of a line queue for code that mirrors it, such as a spool: its bytes, the
// ends of their batches, and their positions in the stream of everything ever accepted.
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
    std::string_view first;      ///< the older bytes
    std::string_view second;     ///< the newer bytes, or empty
    bool ends_batch = false;     ///< its last line is the last of the batch

    /// Bytes of both.
    [[nodiscard]] std::size_t size() const noexcept { return first.size() + second.size(); }
};

/// Valid until the queue changes. Every member function is noexcept.
class queue_view {
public:
    /// `queue` must outlive the view.
    explicit queue_view(const line_queue& queue) noexcept : queue_{&queue} {}

    /// Bytes of all kept lines.
    [[nodiscard]] std::size_t size() const noexcept { return queue_->size(); }

    /// The lines from `offset` on, up to the next end of a batch or gap in the stream. To visit
    /// all: `for (std::size_t at = 0; at != v.size(); at += v.from(at).size())`.
    /// @pre offset < size(), and a line starts there
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

    /// The position in the stream of the byte at `offset`; at size(), of the next byte. A dropped
    /// line leaves a gap: a byte keeps its position as long as numbering() does not change.
    [[nodiscard]] std::uint64_t position(std::size_t offset) const noexcept {
        return queue_->positions_.at(offset);
    }
    /// Grows when too many gaps have given all bytes new positions, higher than all before.
    [[nodiscard]] std::uint64_t numbering() const noexcept {
        return queue_->positions_.numbering();
    }

private:
    const line_queue* queue_;
};

}  // namespace backends
