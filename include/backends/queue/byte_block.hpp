// SPDX-License-Identifier: BSL-1.0
//
// Queue: The memory of a line queue: one block of fixed size, used as a ring. A reservation is
// always contiguous: bytes that do not fit after the newest byte go to the block's start, and the
// rest of the block stays unused for a while.
//
// While few bytes are in use the ring wraps early and stays in a small part of the block: recently
// written memory is still in the cache, the rest of a large block is not.
#pragma once

#include <backends/core/extremes.hpp>
#include <backends/core/fixed_array.hpp>
#include <backends/isa.hpp>

#include <cstddef>
#include <cstring>
#include <utility>

namespace backends::inline BACKENDS_ISA::detail {

/// Addresses bytes by their offset from the oldest one. Allocates once, at construction; every
/// other member is noexcept. Not thread-safe.
class byte_block {
public:
    explicit byte_block(std::size_t capacity)
        : data_{fixed_array<char>::unset(capacity)},
          capacity_{capacity},
          turn_{detail::clamped<std::size_t>(capacity / 8, 1, largest_turn)},
          limit_{end_of_room(0)} {}

    [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    // ---- at its end

    /// Room for `n` contiguous bytes after the newest, or nullptr. Costs two instructions and a
    /// branch, as long as no wrap is due.
    [[nodiscard]] char* reserve(std::size_t n) noexcept {
        return n <= limit_ - tail_ ? data_.data() + tail_ : make_room(n);
    }
    [[nodiscard]] bool fits(std::size_t n) const noexcept {
        return n <= limit_ - tail_ || can_make_room(n);
    }
    /// Puts the first `n` bytes of the last reservation to use.
    void commit(std::size_t n) noexcept {
        tail_ += n;
        size_ += n;
    }
    /// Moves all bytes in use to the block's start, so that the free room is in one piece.
    void gather() noexcept {
        const std::size_t first = first_run();
        const std::size_t second = size_ - first;
        std::memmove(data_.data() + second, data_.data() + head_, first);
        rotate(data_.data(), data_.data() + second, data_.data() + size_);
        head_ = 0;
        wrap_ = 0;
        tail_ = size_;
        limit_ = end_of_room(tail_);
    }

    // ---- in between

    [[nodiscard]] const char* at(std::size_t offset) const noexcept {
        const std::size_t first = first_run();
        return data_.data() + (offset < first ? head_ + offset : offset - first);
    }
    /// Bytes from `offset` on, or before it, that are contiguous in memory.
    [[nodiscard]] std::size_t run_after(std::size_t offset) const noexcept {
        const std::size_t first = first_run();
        return (offset < first ? first : size_) - offset;
    }
    [[nodiscard]] std::size_t run_before(std::size_t offset) const noexcept {
        const std::size_t first = first_run();
        return offset <= first ? offset : offset - first;
    }

    /// Erases [first, last). At the end: O(1). Elsewhere it moves the bytes before `first` up:
    /// O(first).
    [[gnu::noinline]] void erase(std::size_t first, std::size_t last) noexcept {
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
    /// What lies from `middle` on comes first, by one exchange for each byte.
    static void rotate(char* begin, char* middle, char* end) noexcept {
        while (begin != middle && middle != end) {
            char* rest = begin;
            for (char* from = middle; from != end; ++begin, ++from) {
                rest = begin == rest ? from : rest;
                std::swap(*begin, *from);
            }
            middle = rest;
        }
    }
    // It fits into some second-level caches, and is large compared to the bytes in flight.
    static constexpr std::size_t largest_turn = std::size_t{1} << 20;

    // In use: [head, tail), or, once wrapped, [head, wrap) and then [0, tail); unwrapped, wrap is
    // 0. The room after tail ends at `limit` for now.

    [[nodiscard]] std::size_t first_run() const noexcept {
        return (wrap_ != 0 ? wrap_ : tail_) - head_;
    }
    [[nodiscard]] char* place(std::size_t offset) noexcept { return const_cast<char*>(at(offset)); }

    // The offset, from `offset` on, at which to check again whether the ring should wrap.
    [[nodiscard]] std::size_t end_of_room(std::size_t offset) const noexcept {
        return detail::smaller(capacity_, (offset + turn_ - 1) / turn_ * turn_);
    }

    // Whether the block's end or start has room, once the second run is moved after the first.
    [[nodiscard]] bool can_make_room(std::size_t n) const noexcept {
        const std::size_t end = wrap_ + tail_;
        return end <= capacity_ && (n <= capacity_ - end || n <= head_);
    }

    // Runs seldom, so it stays out of the code that calls reserve().
    [[nodiscard, gnu::noinline]] char* make_room(std::size_t n) noexcept {
        if (!can_make_room(n)) {
            return nullptr;
        }
        if (wrap_ != 0) {  // wrapped early, and more came: a byte moves so once at most
            std::memcpy(data_.data() + wrap_, data_.data(), tail_);
            tail_ += wrap_;
            wrap_ = 0;
        }
        // Wrap early only if (1) the free front is at least as large as the data and (2) the second
        // run can still be moved after the first later.
        const bool may_turn_early = size_ <= head_ && tail_ <= capacity_ / 2;
        if (n <= head_ && (may_turn_early || n > capacity_ - tail_)) {
            wrap_ = tail_;
            tail_ = 0;
            limit_ = head_;
        } else {
            limit_ = end_of_room(tail_ + n);
        }
        return data_.data() + tail_;
    }

    // Moves the first n bytes up by d, piece by piece from their end, across the wrap if need be.
    void move_up(std::size_t n, std::size_t d) noexcept {
        while (n != 0) {
            const std::size_t piece = detail::smaller(run_before(n), run_before(n + d));
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

    fixed_array<char> data_;
    std::size_t capacity_;
    std::size_t turn_;
    std::size_t limit_;
    std::size_t head_ = 0;
    std::size_t wrap_ = 0;
    std::size_t tail_ = 0;
    std::size_t size_ = 0;
};

}  // namespace backends::detail
