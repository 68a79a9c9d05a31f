// SPDX-License-Identifier: BSL-1.0
//
// Delivery stage. The memory of a line queue: one block of fixed size, used as a ring. A reservation is
// always contiguous: what does not fit behind the newest byte goes to the block's start, and the rest
// of the block stays unused for a while.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>

namespace backends::detail {

/// Bytes by their offset from the oldest one. One allocation, at construction; every other member is
/// noexcept. Not thread-safe.
class byte_block {
public:
    explicit byte_block(std::size_t capacity)
        : data_{std::make_unique_for_overwrite<char[]>(capacity)},
          capacity_{capacity},
          limit_{capacity} {}

    [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    // ---- at its end

    /// Room for `n` contiguous bytes behind the newest, or nullptr. Two instructions and a branch, as
    /// long as the block's end is far.
    [[nodiscard]] char* reserve(std::size_t n) noexcept {
        return n <= limit_ - tail_ ? data_.get() + tail_ : wrap(n);
    }
    [[nodiscard]] bool fits(std::size_t n) const noexcept {
        return n <= limit_ - tail_ || (!wrapped_ && n <= head_);
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
        tail_ = size_;
        limit_ = capacity_;
        wrapped_ = false;
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
            head_ = tail_ = 0;
            wrapped_ = false;
        }
        limit_ = wrapped_ ? head_ : capacity_;
    }

private:
    // In use: [head, tail), or, once wrapped, [head, wrap) and then [0, tail). `limit` is where the
    // room behind tail ends.

    [[nodiscard]] std::size_t first_run() const noexcept {
        return (wrapped_ ? wrap_ : tail_) - head_;
    }
    [[nodiscard]] char* at(std::size_t offset) noexcept {
        return const_cast<char*>(static_cast<const byte_block*>(this)->at(offset));
    }

    // Seldom, so it stays out of the code that calls reserve().
    [[nodiscard, gnu::noinline]] char* wrap(std::size_t n) noexcept {
        if (wrapped_ || n > head_) {
            return nullptr;
        }
        wrap_ = tail_;
        tail_ = 0;
        limit_ = head_;
        wrapped_ = true;
        return data_.get();
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

    std::unique_ptr<char[]> data_;
    std::size_t capacity_;
    std::size_t limit_;
    std::size_t head_ = 0;
    std::size_t wrap_ = 0;
    std::size_t tail_ = 0;
    std::size_t size_ = 0;
    bool wrapped_ = false;
};

}  // namespace backends::detail
