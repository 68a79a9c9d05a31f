// SPDX-License-Identifier: BSL-1.0
//
// Storage: memory for the rows of many rings. A host's charts are recorded and exported one after
// another at about the same slots. So a tile puts their rows of one slot next to each other, and a
// walk over the charts is a walk through memory: it touches cache lines and pages in proportion to
// its bytes, not to its charts. docs/way.md states the gain.
#pragma once

#include <backends/core/erase_where.hpp>
#include <backends/core/list.hpp>
#include <backends/core/raise.hpp>
#include <backends/hardware/huge_page_block.hpp>
#include <backends/storage/free_ranges.hpp>

#include <cstddef>
#include <cstdint>
#include <new>

namespace backends::inline BACKENDS_ISA {

/// The rows of a ring: row i starts at first + i * stride.
template <class Word>
struct row_space {
    Word* first;         ///< the first row
    std::size_t stride;  ///< in words
};

/// The owner of rows. Taken rows stay in place until they are given back or the owner is destroyed.
/// Frees a tile when nothing of it is taken any more. Not thread-safe.
template <class Word>
class row_tiles {
public:
    /// @param widest  words per row of the widest shared tile. Just below 4 KiB of doubles: rows a
    ///                power of two apart would compete for the same cache sets.
    explicit row_tiles(std::size_t widest = 504) noexcept : widest_{widest} {}
    row_tiles(const row_tiles&) = delete;
    row_tiles& operator=(const row_tiles&) = delete;
    ~row_tiles() {
        for (tile* const one : tiles_) {
            if (!one->from->is_shared) {
                delete one->from;
            }
            delete one;
        }
        for (chunk* const one : shared_) {
            delete one;
        }
    }

    /// Takes `rows` rows of `width` words, filled with `gap`. Allocates for several calls at once:
    /// a new tile has an eighth of the width of all existing ones, so at most little more than an
    /// eighth of the memory is unused. Throws std::bad_alloc; then nothing is taken.
    row_space<Word> take(std::size_t rows, std::size_t width, Word gap) {
        kind& same = kind_of(rows);
        for (std::size_t looks = 0, i = same.open.size(); i-- != 0 && looks != enough(same);
             ++looks) {
            tile& one = *same.open[i];
            if (const std::size_t column = one.columns.take(width); column != none) {
                same.free -= width;
                if (one.columns.free() == 0) {
                    same.open.erase(i);
                }
                return cleared(one, column, width, gap);
            }
        }
        tile& added = new_tile(same, width, gap);
        const std::size_t column = added.columns.take(width);  // has room for this
        same.free -= width;
        if (added.columns.free() == 0) {
            same.open.pop_back();
        }
        return {added.words + column, added.width};
    }

    /// Precondition: take(rows, width, gap) returned `taken`, and nobody reads or writes it any
    /// more.
    [[gnu::noinline]] void give(row_space<Word> taken, std::size_t rows,
                                std::size_t width) noexcept {
        tile& one = tile_of(taken.first);
        kind& same = kind_of(rows);  // exists since take()
        if (one.columns.free() == 0) {
            same.open.push_back(&one);  // has room for every tile
        }
        one.columns.give(static_cast<std::size_t>(taken.first - one.words), width);
        one.is_used = true;
        same.free += width;
        if (one.columns.is_unused()) {
            remove(one, same);
            if (same.tiles == 0) {
                kinds_.erase(static_cast<std::size_t>(&same - kinds_.data()));
            }
        }
    }

    /// The number of allocated words, taken or free.
    [[nodiscard]] std::size_t words() const noexcept { return all_; }

private:
    using columns_of_tile = detail::free_ranges;
    using words_of_chunk = detail::free_ranges;
    static constexpr std::size_t none = columns_of_tile::none;

    /// An allocation: of one tile, or shared by many small ones.
    struct chunk {
        chunk(std::size_t n, bool many) : block{n}, size{n}, words{n}, is_shared{many} {}
        detail::huge_page_block<Word> block;
        std::size_t size;
        words_of_chunk words;
        bool is_shared;
    };
    struct tile {
        Word* words;
        std::size_t rows;
        std::size_t width;
        chunk* from;
        columns_of_tile columns;
        bool is_used;  // some columns were taken before: take() clears them
    };
    /// The tiles with a given number of rows. A host has few kinds of rings.
    struct kind {
        std::size_t rows;
        std::size_t tiles = 0;
        std::size_t all = 0;         // the total width of its tiles
        std::size_t free = 0;        // the free part of it
        detail::list<tile*> open{};  // tiles with free columns, the last changed at the end
    };

    /// Owns a new object until nothing can throw any more.
    template <class T>
    struct made {
        T* object;
        made(const made&) = delete;
        made& operator=(const made&) = delete;
        explicit made(T* one) noexcept : object{one} {}
        ~made() { delete object; }
        T* release() noexcept {
            T* const one = object;
            object = nullptr;
            return one;
        }
    };

    kind& kind_of(std::size_t rows) {
        for (kind& one : kinds_) {
            if (one.rows == rows) {
                return one;
            }
        }
        return kinds_.push_back({rows});
    }

    /// The number of open tiles to look at. When charts of many widths are added and none is
    /// removed, most open tiles have too little room; then the last 16 suffice.
    static std::size_t enough(const kind& of) noexcept {
        return of.free > of.all / 8 ? of.open.size() : 16;
    }

    tile& new_tile(kind& of, std::size_t width, Word gap) {
        const std::size_t eighth = of.all / 8 < widest_ ? of.all / 8 : widest_;
        const std::size_t wide = eighth > width ? eighth / width * width : width;
        if (wide != static_cast<std::uint32_t>(wide) ||
            of.rows > detail::huge_page_block<Word>::most / wide) {
            detail::raise(std::bad_array_new_length{});
        }
        const std::size_t words = of.rows * wide;
        grow(tiles_, tiles_.size() + 1);
        grow(of.open, of.tiles + 1);
        made<tile> added{new tile{nullptr, of.rows, wide, nullptr, columns_of_tile{wide}, false}};
        find_memory(*added.object, words);
        for (std::size_t i = 0; i < words; ++i) {
            added.object->words[i] = gap;
        }
        tile* const one = added.release();
        tiles_.insert(place_of(one->words), one);
        of.open.push_back(one);
        ++of.tiles;
        of.all += wide;
        of.free += wide;
        return *one;
    }

    /// From 2 MiB on, tiles are carved from shared blocks of huge pages. Memory that no tile has
    /// taken yet is never touched.
    void find_memory(tile& to, std::size_t words) {
        constexpr std::size_t page = detail::huge_page / sizeof(Word);
        if (words >= page || all_ < page) {
            cut(to, made<chunk>{new chunk{words, false}}, words);
            return;
        }
        for (std::size_t i = shared_.size(); i-- != 0;) {
            if (const std::size_t first = shared_[i]->words.take(words); first != none) {
                to.from = shared_[i];
                to.words = shared_[i]->block.data() + first;
                return;
            }
        }
        const std::size_t several = 8 * words > all_ / 8 ? 8 * words : all_ / 8;
        const std::size_t pages = (several + page - 1) / page;
        grow(shared_, shared_.size() + 1);
        shared_.push_back(cut(to, made<chunk>{new chunk{pages * page, true}}, words));
    }
    chunk* cut(tile& to, made<chunk> from, std::size_t words) {
        to.words = from.object->block.data() + from.object->words.take(words);
        all_ += from.object->size;
        return to.from = from.release();
    }

    void remove(tile& one, kind& of) noexcept {
        detail::erase_where(of.open, [&](const tile* other) { return other == &one; });
        --of.tiles;
        of.all -= one.width;
        of.free -= one.width;
        tiles_.erase(place_of(one.words));
        chunk* const from = one.from;
        from->words.give(static_cast<std::size_t>(one.words - from->block.data()),
                         one.rows * one.width);
        if (from->words.is_unused()) {
            detail::erase_where(shared_, [&](const chunk* other) { return other == from; });
            all_ -= from->size;
            delete from;
        }
        delete &one;
    }

    static row_space<Word> cleared(tile& one, std::size_t column, std::size_t width, Word gap) {
        const row_space<Word> taken{one.words + column, one.width};
        for (std::size_t row = 0; one.is_used && row < one.rows; ++row) {
            for (std::size_t i = 0; i < width; ++i) {
                taken.first[row * taken.stride + i] = gap;
            }
        }
        return taken;
    }

    /// The place of a tile with these words in tiles_, which is ordered by address.
    [[nodiscard]] std::size_t place_of(const Word* words) const noexcept {
        std::size_t first = 0;
        for (std::size_t n = tiles_.size(); n != 0;) {
            const std::size_t half = n / 2;
            if (tiles_[first + half]->words < words) {
                first += half + 1;
                n -= half + 1;
            } else {
                n = half;
            }
        }
        return first;
    }
    [[nodiscard]] tile& tile_of(const Word* column) const noexcept {
        const std::size_t place = place_of(column);
        const bool begins_it = place != tiles_.size() && tiles_[place]->words == column;
        return *tiles_[begins_it ? place : place - 1];
    }
    template <class T>
    static void grow(detail::list<T>& v, std::size_t n) {
        if (v.capacity() < n) {
            v.reserve(n + n / 2);
        }
    }

    std::size_t widest_;
    detail::list<kind> kinds_;
    detail::list<tile*> tiles_;
    detail::list<chunk*> shared_;
    std::size_t all_ = 0;  // words of all chunks
};

}  // namespace backends
