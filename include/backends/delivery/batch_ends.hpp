// SPDX-License-Identifier: BSL-1.0
//
// Delivery stage. Where the batches in a line queue end, as offsets from the oldest kept byte, in
// rising order. A fixed number of them: when it runs out the two oldest batches become one.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>

namespace backends::detail {

class batch_ends {
public:
    explicit batch_ends(std::size_t capacity)
        : ends_{std::make_unique<std::size_t[]>(capacity)}, capacity_{capacity} {}

    /// Ends the newest batch at `offset`. Does nothing for a batch without bytes.
    void add(std::size_t offset) noexcept {
        if (offset == last()) {
            return;
        }
        if (count_ == capacity_) {
            std::copy(ends_.get() + 1, ends_.get() + count_, ends_.get());
            --count_;
        }
        ends_[count_++] = offset;
    }

    /// The newest batch's end; 0 without one.
    [[nodiscard]] std::size_t last() const noexcept { return count_ == 0 ? 0 : ends_[count_ - 1]; }

    /// The first end after `offset`, or `otherwise`.
    [[nodiscard]] std::size_t after(std::size_t offset, std::size_t otherwise) const noexcept {
        const std::size_t* found = std::upper_bound(begin(), end(), offset);
        return found == end() ? otherwise : *found;
    }

    /// The last end before `offset`; 0 without one.
    [[nodiscard]] std::size_t before(std::size_t offset) const noexcept {
        const std::size_t* found = std::lower_bound(begin(), end(), offset);
        return found == begin() ? 0 : found[-1];
    }

    /// The number of batches that end after `offset`.
    [[nodiscard]] std::size_t count_after(std::size_t offset) const noexcept {
        return static_cast<std::size_t>(end() - std::upper_bound(begin(), end(), offset));
    }

    /// The bytes [first, last) are gone, and what lay behind them moved up.
    void erase(std::size_t first, std::size_t last) noexcept {
        std::size_t kept = 0;
        for (std::size_t i = 0; i != count_; ++i) {
            const std::size_t end = ends_[i] <= first  ? ends_[i]
                                    : ends_[i] <= last ? first
                                                       : ends_[i] - (last - first);
            if (end != (kept == 0 ? 0 : ends_[kept - 1])) {
                ends_[kept++] = end;
            }
        }
        count_ = kept;
    }

private:
    [[nodiscard]] const std::size_t* begin() const noexcept { return ends_.get(); }
    [[nodiscard]] const std::size_t* end() const noexcept { return ends_.get() + count_; }

    std::unique_ptr<std::size_t[]> ends_;
    std::size_t capacity_;
    std::size_t count_ = 0;
};

}  // namespace backends::detail
