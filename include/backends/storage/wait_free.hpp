// SPDX-License-Identifier: BSL-1.0
//
// Storage, recording policy, the default: one thread records, one exporter reads, neither waits for
// the other. All shared words are atomic. It uses no fences, which ThreadSanitizer does not
// understand; on x86 the loads and stores are plain moves. It uses compiler builtins instead of
// std::atomic_ref: <atomic> would add a third to the cost of including a chart.
#pragma once

#include <backends/cell/row_views.hpp>
#include <backends/core/inline.hpp>
#include <backends/storage/recording_policy.hpp>

#include <bit>
#include <cstdint>
#include <type_traits>

#if defined(__has_feature)
#define BACKENDS_HAS_THREAD_SANITIZER __has_feature(thread_sanitizer)
#else
#define BACKENDS_HAS_THREAD_SANITIZER 0
#endif

namespace backends::inline BACKENDS_ISA {

/// One recorder per chart, any number of readers. The recorder announces a row before it writes
/// into it. Every store releases and every load acquires: a reader that saw a word of a new row
/// also sees its announcement, and knows that the old row is gone.
struct wait_free {
    static constexpr bool is_read_while_recorded = true;

    template <class Word>
    static Word load(const Word& word) noexcept {
        Word value;
        __atomic_load(&word, &value, __ATOMIC_ACQUIRE);
        return value;
    }
    template <class Word>
    static void store(Word& word, Word value) noexcept {
        static_assert(__atomic_always_lock_free(sizeof(Word), nullptr),
                      "backends: this machine needs a lock for such a word");
        __atomic_store(&word, &value, __ATOMIC_RELEASE);
    }

#if defined(__SSE2__) && !defined(BACKENDS_PORTABLE_ONLY) && !defined(__SANITIZE_THREAD__) && \
    !BACKENDS_HAS_THREAD_SANITIZER
    /// Loads each word like load(), but in one instruction; the compiler would move atomic loads
    /// through integer registers. The words may come from different moments, but none is torn:
    /// every x86-64 processor makes a vector load of whole aligned words of up to eight bytes.
    /// Loads stay in order (Intel SDM vol. 3, 9.2.2). The clobber stops the compiler from
    /// reordering, `volatile` from splitting or repeating the load. The compiler picks the
    /// instruction: mixing SSE and AVX encodings costs some processors hundreds of cycles.
    /// ThreadSanitizer would report a race, so it gets load().
    template <class Vector, class Word>
    BACKENDS_INLINE static Vector load_vector(const Word* words) noexcept {
        static_assert(sizeof(Vector) == 16 || sizeof(Vector) == 8);
        // clang has no such registers for vectors of 8 bytes
        using loaded = std::conditional_t<sizeof(Vector) == 16, Vector, double>;
        using in_memory [[gnu::aligned(alignof(Word)), gnu::may_alias]] = loaded;
        const loaded lanes = *reinterpret_cast<const volatile in_memory*>(words);
        asm volatile("" : : : "memory");
        return std::bit_cast<Vector>(lanes);
    }
    /// Loads one byte of a word, ordered with all other loads.
    static unsigned char load_top_byte(const std::uint32_t& word) noexcept {
        return load(reinterpret_cast<const unsigned char*>(&word)[detail::top_byte_at]);
    }
#endif

    [[nodiscard]] detail::no_guard recording() const noexcept { return {}; }
    [[nodiscard]] detail::no_guard reading() const noexcept { return {}; }
};

static_assert(recording_policy<wait_free>);

}  // namespace backends
