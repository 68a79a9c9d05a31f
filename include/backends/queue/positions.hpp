// SPDX-License-Identifier: BSL-1.0
//
// Queue: Where the bytes of a line queue stand in the stream of all that was ever accepted
// into it. Lines leave the queue at its front, or are dropped from within it; a byte that stays
// keeps its position, so whoever keeps a copy of the queue elsewhere can tell what is new and what
// is gone.
#pragma once

#include <backends/isa.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace backends::inline BACKENDS_ISA::detail {

/// A few runs in rising order, the first at offset 0. When there are more gaps than fit, every byte
/// gets a new position, higher than all before; `numbering()` tells.
class positions {
public:
    [[nodiscard]] std::uint64_t numbering() const noexcept { return numbering_; }

    /// The position of the byte at `offset`. At the queue's end: of the next byte to be accepted.
    [[nodiscard]] std::uint64_t at(std::size_t offset) const noexcept {
        const std::size_t i = run_of(offset);
        return runs_[i].position + (offset - runs_[i].offset);
    }
    /// The end of the bytes from `offset` on that follow each other, which may be behind the
    /// queue's.
    [[nodiscard]] std::size_t run_end(std::size_t offset) const noexcept {
        const std::size_t next = run_of(offset) + 1;
        return next == count_ ? (std::numeric_limits<std::size_t>::max)() : runs_[next].offset;
    }

    /// The bytes [first, last) of `size` are gone, and what lay behind them moved up.
    void erase(std::size_t first, std::size_t last, std::size_t size) noexcept {
        if (first == 0 && count_ == 1) [[likely]] {
            runs_[0].position += last;
            return;
        }
        // The runs that began within the gap become one, at its joint.
        const std::uint64_t end = at(size);
        const run joint{first, at(last)};
        std::array<run, most + 1> kept;
        std::size_t n = 0;
        for (std::size_t i = 0; i != count_ && runs_[i].offset < first; ++i) {
            kept[n++] = runs_[i];
        }
        kept[n++] = joint;
        for (std::size_t i = 0; i != count_; ++i) {
            if (runs_[i].offset > last) {
                kept[n++] = {runs_[i].offset - (last - first), runs_[i].position};
            }
        }
        if (n > most) {
            kept[0] = {0, end};
            n = 1;
            ++numbering_;
        }
        std::copy_n(kept.begin(), n, runs_.begin());
        count_ = n;
    }

private:
    /// The bytes from `offset` on have the positions from `position` on.
    struct run {
        std::size_t offset = 0;
        std::uint64_t position = 0;
    };

    [[nodiscard]] std::size_t run_of(std::size_t offset) const noexcept {
        std::size_t i = count_ - 1;
        while (runs_[i].offset > offset) {
            --i;
        }
        return i;
    }

    static constexpr std::size_t most = 32;

    std::array<run, most> runs_{};
    std::size_t count_ = 1;
    std::uint64_t numbering_ = 0;
};

}  // namespace backends::detail
