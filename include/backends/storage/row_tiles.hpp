// SPDX-License-Identifier: BSL-1.0
//
// Storage: memory for the rows of many rings. The charts of a host are recorded one after the other,
// and exported so, at about the same slots. So their rows of a slot lie side by side, a tile's width of
// them: a walk through the charts is a walk through memory, and there are as many cache lines and
// pages to it as it has bytes, not as it has charts. See docs/way.md for what that gains.
#pragma once

#include <backends/core/large_block.hpp>
#include <backends/core/raise.hpp>

#include <array>
#include <cstddef>
#include <new>
#include <vector>

namespace backends::inline BACKENDS_ISA {

/// Where the rows of a ring are: row i is i * stride words behind the first.
template <class Word>
struct row_space {
    Word* first;
    std::size_t stride;
};

/// The owner of rows. What was taken stays where it is as long as this lives. Not thread-safe.
template <class Word>
class row_tiles {
public:
    /// @param widest  words in a row of the widest tile that is shared. Not quite 4 KiB of doubles: rows
    ///                a power of two apart would compete for the same places of a cache.
    explicit row_tiles(std::size_t widest = 504) noexcept : widest_{widest} {}

    /// Rows of `width` words each, filled with `gap`. Allocates, where there are many already for
    /// several at once: a new tile has an eighth of the width of all before, so that hardly more than
    /// an eighth of the memory is ever unused.
    row_space<Word> take(std::size_t rows, std::size_t width, Word gap) {
        tile& open = tile_of(rows);
        if (open.width - open.used < width) {
            const std::size_t eighth = open.all / 8 < widest_ ? open.all / 8 : widest_;
            const std::size_t wide = eighth > width ? eighth / width * width : width;
            open = {rows, open.all + wide, wide, 0, filled(rows, wide, gap)};
        }
        const row_space<Word> taken{open.words + open.used, open.width};
        open.used += width;
        return taken;
    }

private:
    using block = detail::large_block<Word>;

    struct tile {
        std::size_t rows = 0;
        std::size_t all = 0;  // widths of all tiles that there were for so many rows
        std::size_t width = 0;
        std::size_t used = 0;
        Word* words = nullptr;
    };

    /// The one with so many rows that is being filled. A host has few kinds of rings; with more of them
    /// than are kept in mind some columns stay unused.
    tile& tile_of(std::size_t rows) noexcept {
        for (tile& one : open_) {
            if (one.rows == rows) {
                return one;
            }
        }
        tile& oldest = open_[replaced_++ % open_.size()];
        oldest = {rows, 0, 0, 0, nullptr};
        return oldest;
    }

    Word* filled(std::size_t rows, std::size_t width, Word gap) {
        if (rows > block::most / width) {
            detail::raise(std::bad_array_new_length{});
        }
        const std::size_t words = rows * width;
        Word* const first = memory_for(words);
        for (std::size_t i = 0; i < words; ++i) {
            first[i] = gap;
        }
        return first;
    }

    /// Once there is a large page of them, small tiles are cut out of blocks for many, so that these are
    /// in large pages as well. What is not cut out yet is not touched.
    Word* memory_for(std::size_t words) {
        constexpr std::size_t page = detail::large_page / sizeof(Word);
        if (words >= page || all_ < page) {
            memory_.emplace_back(words);
            all_ += words;
            return memory_.back().data();
        }
        if (left_ < words) {
            const std::size_t several = 8 * words > all_ / 8 ? 8 * words : all_ / 8;
            const std::size_t pages = (several + page - 1) / page;
            memory_.emplace_back(pages * page);
            all_ += pages * page;
            next_ = memory_.back().data();
            left_ = pages * page;
        }
        Word* const first = next_;
        next_ += words;
        left_ -= words;
        return first;
    }

    std::size_t widest_;
    std::array<tile, 8> open_;
    std::size_t replaced_ = 0;
    std::vector<block> memory_;
    std::size_t all_ = 0;  // words of memory_
    Word* next_ = nullptr;
    std::size_t left_ = 0;  // words from next_ on that no tile has yet
};

}  // namespace backends
