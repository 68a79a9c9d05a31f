// SPDX-License-Identifier: BSL-1.0
//
// Spool stage. The live bytes of a spool: the lines that are neither confirmed nor dropped, as
// ranges of positions in the stream of everything ever written to it.
#pragma once

#include <backends/isa.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace backends::inline BACKENDS_ISA::detail {

/// The positions [begin, end).
struct live_range {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;

    friend constexpr bool operator==(live_range, live_range) = default;
};

/// The live positions below `end`. Every position from `end` on is live.
class live_ranges {
public:
    static constexpr std::size_t most = 64;  // a queue has half as many runs

    explicit live_ranges(std::uint64_t end = 0) noexcept : end_{end} {}

    [[nodiscard]] std::uint64_t end() const noexcept { return end_; }
    [[nodiscard]] std::size_t size() const noexcept { return count_; }
    [[nodiscard]] const live_range& operator[](std::size_t i) const noexcept { return ranges_[i]; }

    /// Adds a range after all others. False: there are too many, or it does not lie after them.
    bool add(live_range range) noexcept {
        const std::uint64_t last = count_ == 0 ? 0 : ranges_[count_ - 1].end;
        if (range.begin < last || range.end < range.begin || range.end > end_) {
            return false;
        }
        if (range.begin == range.end) {
            return true;
        }
        if (count_ != 0 && range.begin == last) {
            ranges_[count_ - 1].end = range.end;
            return true;
        }
        if (count_ == most) {
            return false;
        }
        ranges_[count_++] = range;
        return true;
    }

    /// Extends the stream by a live range.
    bool grow(live_range range) noexcept {
        const std::uint64_t before = std::exchange(end_, range.end);
        if (range.begin >= before && add(range)) {
            return true;
        }
        end_ = before;
        return false;
    }

    /// Whether any position of [begin, end) is live.
    [[nodiscard]] bool touch(std::uint64_t begin, std::uint64_t end) const noexcept {
        bool any = false;
        each_within(begin, end, [&](live_range) { any = true; });
        return any;
    }

    /// Calls f(part) for each live part of [begin, end) below the stream's end.
    template <class F>
    void each_within(std::uint64_t begin, std::uint64_t end, F f) const {
        for (std::size_t i = 0; i != count_; ++i) {
            const live_range part{(std::max)(begin, ranges_[i].begin),
                                  (std::min)(end, ranges_[i].end)};
            if (part.begin < part.end) {
                f(part);
            }
        }
    }

    friend bool operator==(const live_ranges& a, const live_ranges& b) noexcept {
        return a.end_ == b.end_ && a.count_ == b.count_ &&
               std::equal(a.ranges_.begin(),
                          a.ranges_.begin() + static_cast<std::ptrdiff_t>(a.count_),
                          b.ranges_.begin());
    }

private:
    std::uint64_t end_;
    std::array<live_range, most> ranges_{};
    std::size_t count_ = 0;
};

}  // namespace backends::detail
