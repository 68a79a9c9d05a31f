// SPDX-License-Identifier: BSL-1.0
//
// Queue: The positions of a line queue's bytes in the stream of everything that it ever accepted.
// Lines leave the queue at its front, or are dropped from within it. A byte that stays keeps its
// position, so code that mirrors the queue can tell which lines are new and which are gone.
#pragma once

#include <backends/isa.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace backends::inline BACKENDS_ISA::detail {

/// At most 32 runs in rising order, the first at offset 0. One gap too many gives every byte a new
/// position, higher than all before, and increments numbering().
class positions {
public:
    [[nodiscard]] std::uint64_t numbering() const noexcept { return numbering_; }

    /// The position of the byte at `offset`; at the queue's end, of the next byte to be accepted.
    [[nodiscard]] std::uint64_t at(std::size_t offset) const noexcept {
        const std::size_t i = run_of(offset);
        return runs_[i].position + (offset - runs_[i].offset);
    }
    /// The end of the consecutive positions from `offset` on; it may lie beyond the queue's end.
    [[nodiscard]] std::size_t run_end(std::size_t offset) const noexcept {
        const std::size_t next = run_of(offset) + 1;
        return next == count_ ? (std::numeric_limits<std::size_t>::max)() : runs_[next].offset;
    }

    /// Erases the bytes [first, last) of `size`; the bytes after them move up.
    void erase(std::size_t first, std::size_t last, std::size_t size) noexcept {
        if (first == 0 && count_ == 1) [[likely]] {
            runs_[0].position += last;
            return;
        }
        // The runs that began within the gap become one, which begins where its sides meet.
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
        for (count_ = 0; count_ != n; ++count_) {
            runs_[count_] = kept[count_];
        }
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
