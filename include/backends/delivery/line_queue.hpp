// SPDX-License-Identifier: BSL-1.0
//
// Delivery stage. The queue between the exporter's cycle and the connection: whole lines, in the
// order in which they were accepted, in one block of memory of fixed size. Its front is a prefix
// of lines that have begun on the living connection; they leave when they are confirmed, and
// nothing else may remove them while the connection lives.
//
// The block is used as a ring, but a reservation is always contiguous: what does not fit behind
// the newest line goes to the block's start, and the rest of the block stays unused for a while.
#pragma once

#include <backends/core/counters.hpp>
#include <backends/core/time.hpp>
#include <backends/delivery/batch_ends.hpp>
#include <backends/delivery/newlines.hpp>
#include <backends/delivery/positions.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

namespace backends {

/// A bounded queue of whole lines. Offsets count bytes from the oldest kept byte, which is always
/// the start of a line: 0 <= sent <= begun <= size, and `begun` is a line's end.
///
/// One allocation, at construction. Not thread-safe: one strand owns it. Every member function is
/// noexcept.
class line_queue {
public:
    /// What one write began: its lines, and those among them that an earlier connection had begun;
    /// and how many batches it completed.
    struct begun_lines {
        amount all;
        amount again;
        std::size_t batches = 0;
    };

    /// \param capacity the most bytes it ever holds
    /// \param batches  how many batch ends it remembers; beyond these the oldest batches merge
    explicit line_queue(std::size_t capacity, std::size_t batches = 32)
        : data_{std::make_unique_for_overwrite<char[]>(capacity)},
          capacity_{capacity},
          limit_{capacity},
          batches_{std::max<std::size_t>(batches, 2)} {}

    // ---- the producer's side

    /// Room for `n` contiguous bytes behind the newest line, or nullptr. Valid until the next call
    /// of any other member. Two instructions and a branch, as long as the block's end is far.
    [[nodiscard]] char* reserve(std::size_t n) noexcept {
        if (n <= limit_ - tail_) [[likely]] {
            return data_.get() + tail_;
        }
        return find_room(n);
    }

    /// Accepts the first `bytes` bytes of the last reservation.
    /// \pre they are whole lines, each with exactly one newline, at its end
    void commit(std::size_t bytes) noexcept {
        tail_ += bytes;
        size_ += bytes;
    }

    /// What was accepted since the last call is one batch.
    void end_batch(instant now = {}) noexcept { batches_.add(size_, now); }

    /// The lines of the oldest batch that have not begun are gone. O(1) but for counting their
    /// lines and moving the begun prefix up behind them.
    amount drop_oldest_batch() noexcept { return erase(begun_, batches_.after(begun_, size_)); }

    /// The oldest line that has not begun is gone.
    amount drop_oldest_line() noexcept {
        return begun_ == size_ ? amount{} : erase(begun_, line_end(begun_ + 1));
    }

    /// The lines of the newest batch that have not begun are gone.
    amount drop_newest_batch() noexcept {
        return erase(std::max(begun_, batches_.before(size_)), size_);
    }

    // ---- the connection's side

    /// The next bytes to write, as far as they are contiguous in memory.
    [[nodiscard]] std::string_view unsent() const noexcept { return {at(sent_), run_after(sent_)}; }

    /// The connection took the next `n` bytes.
    /// \pre n <= size() - sent()
    begun_lines write(std::size_t n) noexcept {
        begun_lines lines;
        lines.batches = batches_.count_after(sent_) - batches_.count_after(sent_ + n);
        sent_ += n;
        if (sent_ > begun_) {
            const std::size_t end = line_end(sent_);
            lines.all = lines_between(begun_, end);
            if (begun_ < known_) {
                lines.again = lines_between(begun_, std::min(end, known_));
            }
            begun_ = end;
        }
        return lines;
    }

    /// The oldest `n` bytes are confirmed: whole lines leave, a rest of a line stays.
    /// \pre n <= sent()
    amount release(std::size_t n) noexcept { return erase(0, line_start(n)); }

    /// The connection is over: everything that is left is to be sent again, from a line's start.
    void rewind() noexcept {
        known_ = std::max(known_, begun_);
        sent_ = 0;
        begun_ = 0;
    }

    /// Everything is gone.
    amount clear() noexcept { return erase(0, size_); }

    // ---- its state

    [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    /// Bytes that the living connection took.
    [[nodiscard]] std::size_t sent() const noexcept { return sent_; }
    /// Bytes of the lines that the living connection has begun.
    [[nodiscard]] std::size_t begun() const noexcept { return begun_; }
    /// The living connection has begun a line and not finished it.
    [[nodiscard]] bool inside_line() const noexcept { return sent_ != begun_; }
    /// The byte in front of `offset` ends a line, or offset is 0.
    [[nodiscard]] bool starts_line(std::size_t offset) const noexcept {
        return offset == 0 || *at(offset - 1) == '\n';
    }
    /// Names the oldest line: another number, another line.
    [[nodiscard]] std::uint64_t front() const noexcept { return positions_.at(0); }
    /// Ended batches with lines that have not begun.
    [[nodiscard]] std::size_t waiting_batches() const noexcept {
        return batches_.count_after(begun_);
    }
    /// When the oldest of these was ended; never without one.
    [[nodiscard]] instant waiting_since() const noexcept { return batches_.ended_after(begun_); }
    /// Whether reserve(n) would give room.
    [[nodiscard]] bool fits(std::size_t n) const noexcept {
        return n <= limit_ - tail_ || (!wrapped_ && n <= head_) || can_move(n);
    }

private:
    friend class queue_view;

    // Memory: [head, tail), or, once wrapped, [head, wrap) and then [0, tail). `limit` is where
    // the room behind tail ends.

    [[nodiscard]] std::size_t first_run() const noexcept {
        return (wrapped_ ? wrap_ : tail_) - head_;
    }
    [[nodiscard]] const char* at(std::size_t offset) const noexcept {
        const std::size_t first = first_run();
        return data_.get() + (offset < first ? head_ + offset : offset - first);
    }
    [[nodiscard]] char* at(std::size_t offset) noexcept {
        return const_cast<char*>(static_cast<const line_queue*>(this)->at(offset));
    }
    [[nodiscard]] std::size_t run_after(std::size_t offset) const noexcept {
        const std::size_t first = first_run();
        return (offset < first ? first : size_) - offset;
    }
    [[nodiscard]] std::size_t run_before(std::size_t offset) const noexcept {
        const std::size_t first = first_run();
        return offset <= first ? offset : offset - first;
    }

    // The first line's end at or behind an offset.
    [[nodiscard]] std::size_t line_end(std::size_t offset) const noexcept {
        while (!starts_line(offset) && offset != size_) {
            const std::size_t run = run_after(offset);
            const std::size_t line = detail::first_line(at(offset), run);
            offset += line == 0 ? run : line;
        }
        return offset;
    }
    // The last line's start at or in front of an offset.
    [[nodiscard]] std::size_t line_start(std::size_t offset) const noexcept {
        while (!starts_line(offset)) {
            const std::size_t run = run_before(offset);
            offset = offset - run + detail::whole_lines(at(offset - run), run);
        }
        return offset;
    }
    [[nodiscard]] amount lines_between(std::size_t first, std::size_t last) const noexcept {
        amount found{0, last - first};
        while (first != last) {
            const std::size_t run = std::min(run_after(first), last - first);
            found.lines += detail::count_newlines(at(first), run);
            first += run;
        }
        return found;
    }

    // Takes the whole lines [first, last) out. What is in front of them, at most the begun prefix
    // or the older batches when the newest goes, keeps its offsets.
    amount erase(std::size_t first, std::size_t last) noexcept {
        const amount gone = lines_between(first, last);
        const std::size_t n = last - first;
        if (n == 0) {
            return gone;
        }
        positions_.erase(first, last, size_);
        if (last == size_ && first != 0) {
            drop_back(n);
        } else {
            move_up(first, n);
            drop_front(n);
        }
        const auto moved = [=](std::size_t offset) {
            return offset <= first ? offset : offset <= last ? first : offset - n;
        };
        sent_ = moved(sent_);
        begun_ = moved(begun_);
        known_ = moved(known_);
        batches_.erase(first, last);
        if (size_ == 0) {
            head_ = tail_ = 0;
            wrapped_ = false;
        }
        limit_ = wrapped_ ? head_ : capacity_;
        return gone;
    }

    // The first n bytes move d bytes up, piece by piece from their end, across the wrap if need be.
    void move_up(std::size_t n, std::size_t d) noexcept {
        while (n != 0) {
            const std::size_t piece = std::min(run_before(n), run_before(n + d));
            n -= piece;
            std::memmove(at(n + d), at(n), piece);
        }
    }

    void drop_front(std::size_t n) noexcept {
        const std::size_t first = first_run();
        head_ = n < first ? head_ + n : n - first;
        wrapped_ = wrapped_ && n < first;
        size_ -= n;
    }

    void drop_back(std::size_t n) noexcept {
        size_ -= n;
        if (wrapped_ && n >= tail_) {
            tail_ = wrap_ - (n - tail_);
            wrapped_ = false;
        } else {
            tail_ -= n;
        }
    }

    // A block that holds nothing but begun lines is small: it may move to make room.
    [[nodiscard]] bool can_move(std::size_t n) const noexcept {
        return begun_ == size_ && n <= capacity_ - size_;
    }

    // Seldom, so it stays out of the lines that call reserve().
    [[nodiscard, gnu::noinline]] char* find_room(std::size_t n) noexcept {
        if (!wrapped_ && n <= head_) {
            wrap_ = tail_;
            tail_ = 0;
            limit_ = head_;
            wrapped_ = true;
        } else if (can_move(n)) {
            const std::size_t first = first_run();
            const std::size_t second = size_ - first;
            std::memmove(data_.get() + second, data_.get() + head_, first);
            std::rotate(data_.get(), data_.get() + second, data_.get() + size_);
            head_ = 0;
            tail_ = size_;
            limit_ = capacity_;
            wrapped_ = false;
        } else {
            return nullptr;
        }
        return data_.get() + tail_;
    }

    std::unique_ptr<char[]> data_;
    std::size_t capacity_;
    std::size_t limit_;
    std::size_t head_ = 0;
    std::size_t wrap_ = 0;
    std::size_t tail_ = 0;
    bool wrapped_ = false;
    std::size_t size_ = 0;
    std::size_t sent_ = 0;
    std::size_t begun_ = 0;
    detail::positions positions_;
    std::size_t known_ = 0;  // lines in front of it have begun before, on a connection that is gone
    detail::batch_ends batches_;
};

}  // namespace backends
