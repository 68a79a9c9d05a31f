// SPDX-License-Identifier: BSL-1.0
//
// Queue: Where the batches in a line queue end, and since when: offsets from the oldest kept byte,
// in rising order. Their number is fixed; when no place is left, the two oldest batches merge.
#pragma once

#include <backends/core/fixed_array.hpp>
#include <backends/core/time.hpp>

#include <cstddef>
#include <cstring>

namespace backends::inline BACKENDS_ISA::detail {

class batch_ends {
public:
    explicit batch_ends(std::size_t capacity) : ends_(capacity), capacity_{capacity} {}

    /// Ends the newest batch at `offset`. Does nothing for a batch without bytes.
    void add(std::size_t offset, instant now) noexcept {
        if (offset == last()) {
            return;
        }
        if (count_ == capacity_) {
            --count_;
            std::memmove(ends_.data(), ends_.data() + 1, count_ * sizeof(batch_end));
        }
        ends_[count_++] = {offset, now};
    }

    /// The newest batch's end; 0 without one.
    [[nodiscard]] std::size_t last() const noexcept {
        return count_ == 0 ? 0 : ends_[count_ - 1].offset;
    }

    /// The first end after `offset`, or `otherwise`.
    [[nodiscard]] std::size_t after(std::size_t offset, std::size_t otherwise) const noexcept {
        const batch_end* const found = first_after(offset);
        return found == end() ? otherwise : found->offset;
    }

    /// When the first batch that ends after `offset` was ended; never without such a batch.
    [[nodiscard]] instant ended_after(std::size_t offset) const noexcept {
        const batch_end* const found = first_after(offset);
        return found == end() ? instant::never() : found->at;
    }

    /// Whether a batch ends at `offset`.
    [[nodiscard]] bool ends_at(std::size_t offset) const noexcept {
        const batch_end* const found = first_after(offset);
        return found != begin() && found[-1].offset == offset;
    }

    /// The last end before `offset`; 0 without one.
    [[nodiscard]] std::size_t before(std::size_t offset) const noexcept {
        const batch_end* const found = offset == 0 ? begin() : first_after(offset - 1);
        return found == begin() ? 0 : found[-1].offset;
    }

    /// The number of batches that end after `offset`.
    [[nodiscard]] std::size_t count_after(std::size_t offset) const noexcept {
        return static_cast<std::size_t>(end() - first_after(offset));
    }

    /// Erases the bytes [first, last); the bytes after them move up.
    void erase(std::size_t first, std::size_t last) noexcept {
        std::size_t kept = 0;
        for (std::size_t i = 0; i != count_; ++i) {
            const std::size_t before = ends_[i].offset;
            const std::size_t end = before <= first  ? before
                                    : before <= last ? first
                                                     : before - (last - first);
            if (end != (kept == 0 ? 0 : ends_[kept - 1].offset)) {
                ends_[kept++] = {end, ends_[i].at};
            }
        }
        count_ = kept;
    }

private:
    struct batch_end {
        std::size_t offset;
        instant at;
    };

    [[nodiscard]] const batch_end* begin() const noexcept { return ends_.data(); }
    [[nodiscard]] const batch_end* end() const noexcept { return ends_.data() + count_; }
    [[nodiscard, gnu::noinline]] const batch_end* first_after(std::size_t offset) const noexcept {
        const batch_end* first = begin();
        for (std::size_t left = count_; left != 0;) {
            const std::size_t half = left / 2;
            const bool is_after = offset < first[half].offset;
            first += is_after ? 0 : half + 1;
            left = is_after ? half : left - half - 1;
        }
        return first;
    }

    fixed_array<batch_end> ends_;
    std::size_t capacity_;
    std::size_t count_ = 0;
};

}  // namespace backends::detail
