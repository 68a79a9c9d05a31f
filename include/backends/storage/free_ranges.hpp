// SPDX-License-Identifier: BSL-1.0
//
// Storage: an allocator of ranges in a row of places. Merges neighbouring free ranges, so that
// small pieces given back can serve large requests.
#pragma once

#include <backends/core/list.hpp>
#include <backends/isa.hpp>

#include <cstddef>

namespace backends::inline BACKENDS_ISA::detail {

/// The places 0, 1, ..., n - 1. First fit; linear in the number of free ranges. Not thread-safe.
class free_ranges {
public:
    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    /// All places are free.
    explicit free_ranges(std::size_t n) : ranges_(1, range{0, n}), free_{n} {}

    /// Takes `n` neighbours and returns the first, or none. Allocates on behalf of give(), which
    /// must not: at most one more range is free than taken.
    [[gnu::noinline]] std::size_t take(std::size_t n) {
        if (free_ < n) {
            return none;
        }
        if (ranges_.capacity() < taken_ + 2) {
            ranges_.reserve(taken_ + taken_ / 4 + 2);
        }
        for (std::size_t i = 0; i < ranges_.size(); ++i) {
            range& one = ranges_[i];
            if (one.size >= n) {
                const auto first = one.begin;
                one.begin = first + n;
                one.size = one.size - n;
                if (one.size == 0) {
                    ranges_.erase(i);
                }
                free_ -= n;
                ++taken_;
                return first;
            }
        }
        return none;
    }

    /// Precondition: take(n) returned `first`.
    void give(std::size_t first, std::size_t n) noexcept {
        std::size_t i = 0;
        while (i < ranges_.size() && ranges_[i].begin < first) {
            ++i;
        }
        const bool is_behind = i != 0 && ranges_[i - 1].begin + ranges_[i - 1].size == first;
        const bool is_before = i != ranges_.size() && first + n == ranges_[i].begin;
        if (is_behind && is_before) {
            ranges_[i - 1].size = ranges_[i - 1].size + n + ranges_[i].size;
            ranges_.erase(i);
        } else if (is_behind) {
            ranges_[i - 1].size = ranges_[i - 1].size + n;
        } else if (is_before) {
            ranges_[i] = {first, ranges_[i].size + n};
        } else {
            ranges_.insert(i, range{first, n});
        }
        free_ += n;
        --taken_;
    }

    /// The number of free places.
    [[nodiscard]] std::size_t free() const noexcept { return free_; }
    /// True if all places are free.
    [[nodiscard]] bool is_unused() const noexcept { return taken_ == 0; }

private:
    struct range {
        std::size_t begin;
        std::size_t size;
    };

    list<range> ranges_;  // in order, no two touch
    std::size_t free_;
    std::size_t taken_ = 0;  // ranges
};

}  // namespace backends::detail
