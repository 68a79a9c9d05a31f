// SPDX-License-Identifier: BSL-1.0
//
// Storage, recording policy, the default: one thread records, one exporter reads, neither waits for
// the other. All shared words are atomic. There is no fence in it, because ThreadSanitizer does not
// understand fences; on x86 the loads and stores are plain moves.
#pragma once

#include <backends/storage/recording.hpp>

#include <atomic>

namespace backends {

/// One recorder per chart, any number of readers. The recorder announces a row before it writes
/// into it; every store releases and every load acquires, so a reader that saw a word of a new row
/// also sees its announcement, and knows that the old row is gone.
struct wait_free {
    static constexpr bool is_read_while_recorded = true;

    template <class Word>
    static Word load(const Word& word) noexcept {
        // atomic_ref<const T> comes with C++26; loading does not modify.
        return std::atomic_ref<Word>{const_cast<Word&>(word)}.load(std::memory_order_acquire);
    }
    template <class Word>
    static void store(Word& word, Word value) noexcept {
        static_assert(std::atomic_ref<Word>::is_always_lock_free, "a word that needs no lock");
        std::atomic_ref<Word>{word}.store(value, std::memory_order_release);
    }

    [[nodiscard]] detail::no_guard recording() const noexcept { return {}; }
    [[nodiscard]] detail::no_guard reading() const noexcept { return {}; }
};

static_assert(recording_policy<wait_free>);

}  // namespace backends
