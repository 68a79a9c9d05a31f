// SPDX-License-Identifier: BSL-1.0
//
// Queue: The queue between the exporter's cycle and the connection: whole lines, in the order of
// their acceptance, in one block of memory of fixed size. Its front is a prefix of lines that have
// begun on the living connection. They leave when they are confirmed; until then, nothing else may
// remove them while the connection lives.
#pragma once

#include <backends/core/counters.hpp>
#include <backends/core/extremes.hpp>
#include <backends/core/record_end.hpp>
#include <backends/core/time.hpp>
#include <backends/queue/batch_ends.hpp>
#include <backends/queue/block_records.hpp>
#include <backends/queue/byte_block.hpp>
#include <backends/queue/positions.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace backends::inline BACKENDS_ISA {

/// A bounded queue of whole lines, a format's records. Offsets count bytes from the oldest kept
/// byte, which always starts a line: 0 <= held <= sent <= begun <= size; `held` and `begun` are
/// ends of lines. Lines before `held` wait, although they are the oldest: this connection does
/// without them.
///
/// @tparam Ends  what ends a line: its newline, or its length
///
/// Allocates once, at construction. Not thread-safe: one strand owns it. Every member function is
/// noexcept. A line's end that follows from lengths is found by a walk from the closest known one:
/// of a batch, or of what has begun.
template <record_end Ends>
class record_queue {
public:
    /// The lines that one write began, the lines among them that an earlier connection had begun,
    /// and the number of batches that the write completed.
    struct begun_lines {
        amount all;               ///< lines that the write began
        amount again;             ///< of these, begun on an earlier connection too
        std::size_t batches = 0;  ///< batches that the write completed
    };

    /// Stands for a number of lines that the caller does not know.
    static constexpr std::uint64_t unknown = UINT64_MAX;

    /// @param capacity the maximum number of bytes that it holds
    /// @param batches  how many batch ends it remembers; with more, the oldest batches merge
    explicit record_queue(std::size_t capacity, std::size_t batches = 32)
        : block_{capacity}, batches_{detail::larger<std::size_t>(batches, 2)} {}

    // ---- the producer's side

    /// Room for `n` contiguous bytes after the newest line, or nullptr. Valid until the next call
    /// of any other member.
    [[nodiscard]] char* reserve(std::size_t n) noexcept {
        char* const room = block_.reserve(n);
        return room != nullptr ? room : gathered(n);
    }

    /// Accepts the first `bytes` bytes of the last reservation.
    /// @pre the bytes are whole lines, each with exactly one newline, at its end, or each with its
    /// length
    void commit(std::size_t bytes) noexcept { block_.commit(bytes); }

    /// Makes one batch of the lines accepted since the last call.
    void end_batch(instant now = {}) noexcept { batches_.add(size(), now); }

    /// Drops the oldest batch's lines that have not begun. O(1) except for counting them and for
    /// moving the begun prefix up.
    amount drop_oldest_batch() noexcept {
        if (held_ != 0) [[unlikely]] {
            return erase(0, detail::smaller(batches_.after(0, held_), held_));
        }
        return erase(begun_, batches_.after(begun_, size()));
    }

    /// Drops the oldest line that has not begun.
    amount drop_oldest_line() noexcept {
        const std::size_t first = held_ != 0 ? 0 : begun_;
        return first == size() ? amount{} : erase(first, line_end(first + 1));
    }

    /// Drops the newest batch's lines that have not begun.
    amount drop_newest_batch() noexcept {
        return erase(detail::larger(begun_, batches_.before(size())), size());
    }

    // ---- the connection's side

    /// Lets the living connection, which has begun nothing, do without the oldest `lines` lines,
    /// which must have begun on earlier ones. Returns false, and holds nothing back, when there are
    /// too few such lines, or no others.
    /// @pre begun() == 0
    bool hold_back(std::size_t lines) noexcept {
        std::size_t end = 0;
        for (; lines != 0 && end != size(); --lines) {
            end = line_end(end + 1);
        }
        if (lines != 0 || end > known_ || end == size()) {
            return false;
        }
        held_ = sent_ = begun_ = end;
        return true;
    }

    /// The next bytes to write, as far as they are contiguous in memory.
    [[nodiscard]] std::string_view unsent() const noexcept {
        return {block_.at(sent_), block_.run_after(sent_)};
    }
    /// The end of the last line in the first `n` bytes of unsent(), which are at `first`; 0 without
    /// one.
    [[nodiscard]] std::size_t last_end(const char* first, std::size_t n) const noexcept {
        return records::last_end(first, n, begun_ - sent_);
    }
    /// The end of the first line in them; 0 without one.
    [[nodiscard]] std::size_t first_end(const char* first, std::size_t n) const noexcept {
        return records::first_end(first, n, begun_ - sent_);
    }

    /// The connection took the next `n` bytes. `waiting`: the number of lines that had not begun,
    /// if the caller knows it; otherwise they are counted.
    /// @pre n <= size() - sent()
    begun_lines write(std::size_t n, std::uint64_t waiting = unknown) noexcept {
        begun_lines lines;
        lines.batches = batches_.count_after(sent_) - batches_.count_after(sent_ + n);
        sent_ += n;
        if (sent_ > begun_) {
            const std::size_t end = line_end(sent_);
            const bool all = end == size() && waiting != unknown && held_ == 0;
            lines.all = all ? amount{waiting, end - begun_} : lines_between(begun_, end);
            if (begun_ < known_) {
                lines.again = lines_between(begun_, detail::smaller(end, known_));
            }
            begun_ = end;
        }
        return lines;
    }

    /// Confirms the connection's oldest `n` bytes: whole lines leave, a partial line stays.
    /// `in_flight`: the number of lines that have begun, if the caller knows it.
    /// @pre n <= sent() - held()
    amount release(std::size_t n, std::uint64_t in_flight = unknown) noexcept {
        const std::size_t end = line_start(held_ + n);
        const bool known = end == begun_ && in_flight != unknown;
        return erase(held_, end,
                     known ? amount{in_flight, end - held_} : lines_between(held_, end));
    }

    /// Takes out whole lines that the connection has written: those from the one that has the byte
    /// `first` up to the end of the last that ends within `n` bytes from there. Both count from
    /// held(). O(first).
    /// @pre first + n <= sent() - held()
    amount take_out(std::size_t first, std::size_t n) noexcept {
        const std::size_t begin = line_start(held_ + first);
        return erase(begin, detail::larger(begin, line_start(held_ + first + n)));
    }

    /// The connection is over: all kept lines are to be sent again, each from its start.
    void rewind() noexcept {
        known_ = detail::larger(known_, begun_);
        sent_ = 0;
        begun_ = 0;
        held_ = 0;
    }

    /// Drops all lines; the caller knows their number. O(1) except for the batches' ends: it does
    /// not look at the bytes, which may be gigabytes.
    amount clear(std::uint64_t lines) noexcept { return erase(0, size(), {lines, size()}); }

    // ---- its state

    /// Bytes, constant.
    [[nodiscard]] std::size_t capacity() const noexcept { return block_.capacity(); }
    /// Bytes of all kept lines.
    [[nodiscard]] std::size_t size() const noexcept { return block_.size(); }
    [[nodiscard]] bool empty() const noexcept { return size() == 0; }  ///< whether it keeps no line
    /// Bytes that the living connection took.
    [[nodiscard]] std::size_t sent() const noexcept { return sent_; }
    /// Bytes of the lines that the living connection has begun, and of those held back before them.
    [[nodiscard]] std::size_t begun() const noexcept { return begun_; }
    /// Bytes of the lines that the living connection does without.
    [[nodiscard]] std::size_t held() const noexcept { return held_; }
    /// Bytes of the lines that the living connection has begun.
    [[nodiscard]] std::size_t in_flight() const noexcept { return begun_ - held_; }
    /// Whether the living connection has begun a line and not finished it.
    [[nodiscard]] bool inside_line() const noexcept { return sent_ != begun_; }
    /// Whether the byte before `offset` ends a line, or offset is 0.
    [[nodiscard]] bool starts_line(std::size_t offset) const noexcept {
        return records::starts(block_, offset, known_start());
    }
    /// Identifies the line that starts at `offset`: different lines have different numbers, younger
    /// lines higher ones.
    [[nodiscard]] std::uint64_t position(std::size_t offset = 0) const noexcept {
        return positions_.at(offset);
    }
    /// The number of ended batches with lines that have not begun.
    [[nodiscard]] std::size_t waiting_batches() const noexcept {
        return batches_.count_after(begun_);
    }
    /// When the oldest batch with lines that have not begun was ended; never without such a batch.
    [[nodiscard]] instant waiting_since() const noexcept {
        return batches_.ended_after(held_ != 0 ? 0 : begun_);
    }
    /// Whether everything that was written belongs to whole batches.
    [[nodiscard]] bool at_batch_end() const noexcept {
        return sent_ == 0 || batches_.ends_at(sent_);
    }
    /// The end of the batch that is being written.
    [[nodiscard]] std::size_t batch_end() const noexcept { return batches_.after(sent_, size()); }
    /// Whether reserve(n) would give room.
    [[nodiscard]] bool fits(std::size_t n) const noexcept {
        return block_.fits(n) || can_gather(n);
    }

private:
    friend class queue_view;
    using records = detail::block_records<Ends>;

    // A block that holds nothing but begun lines is small: its bytes may move to make room.
    [[nodiscard]] bool can_gather(std::size_t n) const noexcept {
        return begun_ == size() && n <= capacity() - size();
    }

    [[nodiscard, gnu::noinline]] char* gathered(std::size_t n) noexcept {
        if (!can_gather(n)) {
            return nullptr;
        }
        block_.gather();
        return block_.reserve(n);
    }

    // The closest start of a line at an offset or before it that needs no look at the bytes.
    [[nodiscard]] auto known_start() const noexcept {
        return [this](std::size_t offset) noexcept {
            return detail::larger(batches_.before(offset + 1), held_ <= offset ? held_ : 0,
                                  begun_ <= offset ? begun_ : 0);
        };
    }

    // The end of the first line that ends at `offset` or after it.
    [[nodiscard, gnu::noinline]] std::size_t line_end(std::size_t offset) const noexcept {
        return records::end(block_, offset, known_start());
    }
    // The start of the last line that starts at `offset` or before it.
    [[nodiscard]] std::size_t line_start(std::size_t offset) const noexcept {
        return records::start(block_, offset, known_start());
    }
    [[nodiscard, gnu::noinline]] amount lines_between(std::size_t first,
                                                      std::size_t last) const noexcept {
        return {records::count(block_, first, last), last - first};
    }

    // Erases the lines [first, last), whose number is `gone.lines`. Offsets up to `first` stay
    // valid.
    [[gnu::noinline]] amount erase(std::size_t first, std::size_t last, amount gone) noexcept {
        const std::size_t n = last - first;
        if (n == 0) {
            return gone;
        }
        positions_.erase(first, last, size());
        block_.erase(first, last);
        const auto moved = [=](std::size_t offset) {
            return offset <= first ? offset : offset <= last ? first : offset - n;
        };
        held_ = moved(held_);
        sent_ = moved(sent_);
        begun_ = moved(begun_);
        known_ = moved(known_);
        batches_.erase(first, last);
        return gone;
    }
    amount erase(std::size_t first, std::size_t last) noexcept {
        return erase(first, last, lines_between(first, last));
    }

    detail::byte_block block_;
    std::size_t held_ = 0;
    std::size_t sent_ = 0;
    std::size_t begun_ = 0;
    detail::positions positions_;
    std::size_t known_ = 0;  // lines before it had begun on a connection that is gone
    detail::batch_ends batches_;
};

/// A queue of lines of text.
using line_queue = record_queue<record_end::newline>;

}  // namespace backends
