// SPDX-License-Identifier: BSL-1.0
//
// Queue: The memory of a line queue: one block of fixed size, used as a ring. A
// reservation is always contiguous: what does not fit behind the newest byte goes to the block's
// start, and the rest of the block stays unused for a while.
//
// While little is in use the ring turns early, in a small part of the block: memory that was
// written a moment ago is still in the cache, the rest of a large block would have to come from
// memory first.
#pragma once

#include <backends/isa.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>

namespace backends::inline BACKENDS_ISA::detail {

/// Bytes by their offset from the oldest one. One allocation, at construction; every other member
/// is noexcept. Not thread-safe.
class byte_block {
public:
    explicit byte_block(std::size_t capacity)
        : data_{new char[capacity]},
          capacity_{capacity},
          turn_{std::clamp<std::size_t>(capacity / 8, 1, largest_turn)},
          limit_{end_of_room(0)} {}

    [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    // ---- at its end

    /// Room for `n` contiguous bytes behind the newest, or nullptr. Two instructions and a branch,
    /// as long as no turn is due.
    [[nodiscard]] char* reserve(std::size_t n) noexcept {
        return n <= limit_ - tail_ ? data_.get() + tail_ : make_room(n);
    }
    [[nodiscard]] bool fits(std::size_t n) const noexcept {
        return n <= limit_ - tail_ || can_make_room(n);
    }
    /// The first `n` bytes of the last reservation are in use.
    void commit(std::size_t n) noexcept {
        tail_ += n;
        size_ += n;
    }
    /// Moves what is there to the block's start, so that all room is in one piece.
    void gather() noexcept {
        const std::size_t first = first_run();
        const std::size_t second = size_ - first;
        std::memmove(data_.get() + second, data_.get() + head_, first);
        std::rotate(data_.get(), data_.get() + second, data_.get() + size_);
        head_ = 0;
        wrap_ = 0;
        tail_ = size_;
        limit_ = end_of_room(tail_);
    }

    // ---- in between

    [[nodiscard]] const char* at(std::size_t offset) const noexcept {
        const std::size_t first = first_run();
        return data_.get() + (offset < first ? head_ + offset : offset - first);
    }
    /// Bytes from `offset` on, or in front of it, that are contiguous in memory.
    [[nodiscard]] std::size_t run_after(std::size_t offset) const noexcept {
        const std::size_t first = first_run();
        return (offset < first ? first : size_) - offset;
    }
    [[nodiscard]] std::size_t run_before(std::size_t offset) const noexcept {
        const std::size_t first = first_run();
        return offset <= first ? offset : offset - first;
    }

    /// Takes [first, last) out. What is in front of it moves up, so that is better little; at the
    /// end nothing moves.
    void erase(std::size_t first, std::size_t last) noexcept {
        if (last == size_ && first != 0) {
            drop_back(last - first);
        } else {
            move_up(first, last - first);
            drop_front(last - first);
        }
        if (size_ == 0) {
            head_ = wrap_ = tail_ = 0;
        }
        limit_ = wrap_ != 0 ? head_ : end_of_room(tail_);
    }

private:
    // Some second-level caches hold it, and what is in flight is small beside it.
    static constexpr std::size_t largest_turn = std::size_t{1} << 20;

    // In use: [head, tail), or, once wrapped, [head, wrap) and then [0, tail); unwrapped, wrap is
    // 0. `limit` is where the room behind tail ends for now.

    [[nodiscard]] std::size_t first_run() const noexcept {
        return (wrap_ != 0 ? wrap_ : tail_) - head_;
    }
    [[nodiscard]] char* place(std::size_t offset) noexcept { return const_cast<char*>(at(offset)); }

    // Where to look again, from `offset` on, whether the ring should turn.
    [[nodiscard]] std::size_t end_of_room(std::size_t offset) const noexcept {
        return (std::min)(capacity_, (offset + turn_ - 1) / turn_ * turn_);
    }

    // Whether there is room at the block's end or start, once the second run lies behind the first.
    [[nodiscard]] bool can_make_room(std::size_t n) const noexcept {
        const std::size_t end = wrap_ + tail_;
        return end <= capacity_ && (n <= capacity_ - end || n <= head_);
    }

    // Seldom, so it stays out of the code that calls reserve().
    [[nodiscard, gnu::noinline]] char* make_room(std::size_t n) noexcept {
        if (!can_make_room(n)) {
            return nullptr;
        }
        if (wrap_ != 0) {  // turned early, and more came: a byte is moved so once at most
            std::memcpy(data_.get() + wrap_, data_.get(), tail_);
            tail_ += wrap_;
            wrap_ = 0;
        }
        // Early only if that gives as much room as is in use, and while the second run, which ends
        // in front of the first, will always fit behind it again.
        const bool may_turn_early = size_ <= head_ && tail_ <= capacity_ / 2;
        if (n <= head_ && (may_turn_early || n > capacity_ - tail_)) {
            wrap_ = tail_;
            tail_ = 0;
            limit_ = head_;
        } else {
            limit_ = end_of_room(tail_ + n);
        }
        return data_.get() + tail_;
    }

    // The first n bytes move d bytes up, piece by piece from their end, across the wrap if need be.
    void move_up(std::size_t n, std::size_t d) noexcept {
        while (n != 0) {
            const std::size_t piece = (std::min)(run_before(n), run_before(n + d));
            n -= piece;
            std::memmove(place(n + d), at(n), piece);
        }
    }

    void drop_front(std::size_t n) noexcept {
        const std::size_t first = first_run();
        head_ = n < first ? head_ + n : n - first;
        wrap_ = n < first ? wrap_ : 0;
        size_ -= n;
    }

    void drop_back(std::size_t n) noexcept {
        size_ -= n;
        if (n >= tail_ && wrap_ != 0) {
            tail_ = wrap_ - (n - tail_);
            wrap_ = 0;
        } else {
            tail_ -= n;
        }
    }

    std::unique_ptr<char[]> data_;
    std::size_t capacity_;
    std::size_t turn_;
    std::size_t limit_;
    std::size_t head_ = 0;
    std::size_t wrap_ = 0;
    std::size_t tail_ = 0;
    std::size_t size_ = 0;
};

}  // namespace backends::detail
