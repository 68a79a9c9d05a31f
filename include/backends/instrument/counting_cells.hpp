// SPDX-License-Identifier: BSL-1.0
//
// Instrument, first concept: counting cells say how the words that instruments count in are shared
// between the threads that record and the sampler that reads. Models: thread_cells (the default),
// shared_cells.
#pragma once

#include <backends/core/inline.hpp>
#include <backends/hardware/prefetch.hpp>
#include <backends/isa.hpp>

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>

#if defined(__has_feature)
#define BACKENDS_HAS_THREAD_SANITIZER __has_feature(thread_sanitizer)
#else
#define BACKENDS_HAS_THREAD_SANITIZER 0
#endif

namespace backends::inline BACKENDS_ISA {

/// Words that begin at 0, in one block or in several: what counts is the sum over all blocks, or
/// another fold of them. Everything but the constructor is noexcept.
///
/// - `Cells{n}`            n words a block; may throw std::bad_alloc
/// - `cells.mine()`        the block that the calling thread records into, until the thread's end
/// - `cells.mine().add(i, n)`      adds to word i, modulo 2^64; i < the number of words
/// - `cells.mine().update(i, f)`   makes word i f(word i), at once for all that write it
/// - `cells.hold()`        an owner of a block, for whoever records a lot, on any one thread at a
///   time; its get() is a block, as mine() is
/// - `cells.sum(i)`        of word i over all blocks: everything whose recording happens before
/// - `cells.each(visit)`   calls visit(block) with each, a `const std::uint64_t*`; its words are
///   loaded with __ATOMIC_RELAXED
template <class Cells>
concept counting_cells =
    std::constructible_from<Cells, std::size_t> &&
    requires(Cells& cells, const Cells& all, std::size_t i, std::uint64_t n) {
        { cells.mine() } noexcept;
        { cells.mine().add(i, n) } noexcept;
        {
            cells.mine().update(i, [](std::uint64_t word) noexcept { return word; })
        } noexcept;
        { cells.hold() } noexcept;
        { cells.hold().get().add(i, n) } noexcept;
        { all.sum(i) } noexcept -> std::same_as<std::uint64_t>;
        all.each([](const std::uint64_t*) noexcept {});
    };

namespace detail {

/// Stores the bits of a double, as a relaxed store does.
inline void store_number(std::uint64_t* word, double value) noexcept {
#if defined(__SSE2__) && !defined(BACKENDS_PORTABLE_ONLY) && !defined(__SANITIZE_THREAD__) && \
    !BACKENDS_HAS_THREAD_SANITIZER
    // g++ moves an atomic double through an integer register, which a sum's next addition waits
    // for. Every x86 processor stores an aligned double at once; `volatile` keeps it whole.
    using in_memory [[gnu::may_alias]] = double;
    *reinterpret_cast<volatile in_memory*>(word) = value;
#else
    __atomic_store_n(word, std::bit_cast<std::uint64_t>(value), __ATOMIC_RELAXED);
#endif
}
#undef BACKENDS_HAS_THREAD_SANITIZER

/// Words of a thread's own: nobody else writes them, so an addition is a load and a store.
class owned_words {
public:
    explicit owned_words(std::uint64_t* words) noexcept : words_{words} {}

    /// The same words from number i on.
    [[nodiscard]] owned_words from(std::size_t i) const noexcept { return owned_words{words_ + i}; }

    void add(std::size_t i, std::uint64_t n) const noexcept {
        __atomic_store_n(words_ + i, words_[i] + n, __ATOMIC_RELAXED);
    }
    template <class F>
    void update(std::size_t i, F f) const noexcept {
        __atomic_store_n(words_ + i, f(words_[i]), __ATOMIC_RELAXED);
    }
    /// Adds to a word that holds a double.
    void add_number(std::size_t i, double n) const noexcept {
        store_number(words_ + i, std::bit_cast<double>(words_[i]) + n);
    }
    /// Makes a word the greater of the two; mostly it is that already, and nothing is stored.
    void raise(std::size_t i, std::uint64_t to) const noexcept {
        if (to > words_[i]) [[unlikely]] {
            __atomic_store_n(words_ + i, to, __ATOMIC_RELAXED);
        }
    }

private:
    std::uint64_t* words_;
};

/// Words that several threads write.
class shared_words {
public:
    explicit shared_words(std::uint64_t* words) noexcept : words_{words} {}

    /// The same words from number i on.
    [[nodiscard]] shared_words from(std::size_t i) const noexcept {
        return shared_words{words_ + i};
    }

    void add(std::size_t i, std::uint64_t n) const noexcept {
        __atomic_fetch_add(words_ + i, n, __ATOMIC_RELAXED);
    }
    template <class F>
    void update(std::size_t i, F f) const noexcept {
        std::uint64_t before = __atomic_load_n(words_ + i, __ATOMIC_RELAXED);
        for (std::uint64_t after = f(before); after != before; after = f(before)) {
            if (__atomic_compare_exchange_n(words_ + i, &before, after, true, __ATOMIC_RELAXED,
                                            __ATOMIC_RELAXED)) {
                return;
            }
        }
    }

private:
    std::uint64_t* words_;
};

/// Either, found out once a recording.
class any_words {
public:
    any_words(std::uint64_t* words, bool is_shared) noexcept
        : words_{words}, is_shared_{is_shared} {}

    BACKENDS_INLINE void add(std::size_t i, std::uint64_t n) const noexcept {
        if (!is_shared_) [[likely]] {
            owned_words{words_}.add(i, n);
        } else {
            shared_words{words_}.add(i, n);
        }
    }
    template <class F>
    BACKENDS_INLINE void update(std::size_t i, F f) const noexcept {
        if (!is_shared_) [[likely]] {
            owned_words{words_}.update(i, f);
        } else {
            shared_words{words_}.update(i, f);
        }
    }
    /// Calls record(words) with what it is, for whoever has several words to write.
    template <class Record>
    BACKENDS_INLINE void with(Record record) const noexcept {
        if (!is_shared_) [[likely]] {
            record(owned_words{words_});
        } else {
            record(shared_words{words_});
        }
    }

private:
    std::uint64_t* words_;
    bool is_shared_;
};

inline std::size_t whole_lines(std::size_t words) noexcept {
    const std::size_t bytes = words * sizeof(std::uint64_t);
    return bytes == 0 ? cache_line : (bytes + cache_line - 1) / cache_line * cache_line;
}
/// Zeroed words in cache lines of their own, nullptr without memory.
inline std::uint64_t* new_words(std::size_t words) noexcept {
    const std::size_t bytes = whole_lines(words);
    void* const block = ::operator new(bytes, std::align_val_t{cache_line}, std::nothrow);
    if (block != nullptr) {
        std::memset(block, 0, bytes);
    }
    return static_cast<std::uint64_t*>(block);
}
inline void delete_words(void* words) noexcept {
    ::operator delete(words, std::align_val_t{cache_line});
}

inline std::uint64_t load_word(const std::uint64_t* word) noexcept {
    return __atomic_load_n(word, __ATOMIC_RELAXED);
}

}  // namespace detail

}  // namespace backends
