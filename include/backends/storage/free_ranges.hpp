// SPDX-License-Identifier: BSL-1.0
//
// Storage: which places of a row of them are free. Neighbours that are given back become one range
// again, so that what was taken in small pieces can be taken in large ones.
#pragma once

#include <backends/isa.hpp>

#include <cstddef>
#include <vector>

namespace backends::inline BACKENDS_ISA::detail {

/// The places 0, 1, ... of which ranges are taken and given back. First fit; as many steps as there
/// are free ranges. Not thread-safe.
///
/// @tparam Place  holds their number
template <class Place>
class free_ranges {
public:
    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    /// All are free.
    explicit free_ranges(std::size_t n) : ranges_(1, range{0, static_cast<Place>(n)}), free_{n} {}

    /// Takes `n` neighbours and returns the first, or none. Allocates, so that give() need not: no
    /// more ranges can be free than lie between those that are taken.
    std::size_t take(std::size_t n) {
        if (free_ < n) {
            return none;
        }
        if (ranges_.capacity() < taken_ + 2) {
            ranges_.reserve(taken_ + taken_ / 4 + 2);
        }
        for (std::size_t i = 0; i < ranges_.size(); ++i) {
            range& one = ranges_[i];
            if (one.size >= n) {
                const auto first = static_cast<std::size_t>(one.begin);
                one.begin = static_cast<Place>(first + n);
                one.size = static_cast<Place>(one.size - n);
                if (one.size == 0) {
                    ranges_.erase(at(i));
                }
                free_ -= n;
                ++taken_;
                return first;
            }
        }
        return none;
    }

    /// Precondition: take(n) gave `first`.
    void give(std::size_t first, std::size_t n) noexcept {
        std::size_t i = 0;
        while (i < ranges_.size() && ranges_[i].begin < first) {
            ++i;
        }
        const bool is_behind = i != 0 && ranges_[i - 1].begin + ranges_[i - 1].size == first;
        const bool is_before = i != ranges_.size() && first + n == ranges_[i].begin;
        if (is_behind && is_before) {
            ranges_[i - 1].size = static_cast<Place>(ranges_[i - 1].size + n + ranges_[i].size);
            ranges_.erase(at(i));
        } else if (is_behind) {
            ranges_[i - 1].size = static_cast<Place>(ranges_[i - 1].size + n);
        } else if (is_before) {
            ranges_[i] = {static_cast<Place>(first), static_cast<Place>(ranges_[i].size + n)};
        } else {
            ranges_.insert(at(i), range{static_cast<Place>(first), static_cast<Place>(n)});
        }
        free_ += n;
        --taken_;
    }

    /// How many places are free.
    [[nodiscard]] std::size_t free() const noexcept { return free_; }
    /// Whether all are.
    [[nodiscard]] bool is_unused() const noexcept { return taken_ == 0; }

private:
    struct range {
        Place begin;
        Place size;
    };

    [[nodiscard]] typename std::vector<range>::iterator at(std::size_t i) noexcept {
        return ranges_.begin() + static_cast<std::ptrdiff_t>(i);
    }

    std::vector<range> ranges_;  // in order, no two touch
    std::size_t free_;
    std::size_t taken_ = 0;  // ranges
};

}  // namespace backends::detail
