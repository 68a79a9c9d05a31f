// SPDX-License-Identifier: BSL-1.0
//
// Queue: A read-only view of a queue for code that mirrors it, such as a spool: its bytes, the
// ends of their batches, and their positions in the stream of everything ever accepted.
#pragma once

#include <backends/core/extremes.hpp>
#include <backends/core/record_end.hpp>
#include <backends/queue/batch_ends.hpp>
#include <backends/queue/byte_block.hpp>
#include <backends/queue/line_queue.hpp>
#include <backends/queue/positions.hpp>

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
    template <record_end Ends>
    explicit queue_view(const record_queue<Ends>& queue) noexcept
        : block_{&queue.block_}, batches_{&queue.batches_}, positions_{&queue.positions_} {}

    /// Bytes of all kept lines.
    [[nodiscard]] std::size_t size() const noexcept { return block_->size(); }

    /// The lines from `offset` on, up to the next end of a batch or gap in the stream. To visit
    /// all: `for (std::size_t at = 0; at != v.size(); at += v.from(at).size())`.
    /// @pre offset < size(), and a line starts there
    [[nodiscard]] queue_stretch from(std::size_t offset) const noexcept {
        const std::size_t batch = batches_->after(offset, size());
        const std::size_t end = detail::smaller(batch, positions_->run_end(offset));
        const std::size_t run = detail::smaller(block_->run_after(offset), end - offset);
        const std::size_t rest = end - offset - run;
        return {position(offset),
                {block_->at(offset), run},
                {rest == 0 ? nullptr : block_->at(offset + run), rest},
                end == batch && end <= batches_->last()};
    }

    /// The position in the stream of the byte at `offset`; at size(), of the next byte. A dropped
    /// line leaves a gap: a byte keeps its position as long as numbering() does not change.
    [[nodiscard]] std::uint64_t position(std::size_t offset) const noexcept {
        return positions_->at(offset);
    }
    /// Grows when too many gaps have given all bytes new positions, higher than all before.
    [[nodiscard]] std::uint64_t numbering() const noexcept { return positions_->numbering(); }

private:
    const detail::byte_block* block_;
    const detail::batch_ends* batches_;
    const detail::positions* positions_;
};

}  // namespace backends
