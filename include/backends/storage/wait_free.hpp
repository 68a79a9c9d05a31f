// SPDX-License-Identifier: BSL-1.0
//
// Storage, recording policy, the default: one thread records, one exporter reads, neither waits for
// the other. All shared words are atomic. There is no fence in it, because ThreadSanitizer does not
// understand fences; on x86 the loads and stores are plain moves. The compiler's own operations stand
// for std::atomic_ref, because <atomic> would add a third to what it costs to include a chart.
#pragma once

#include <backends/storage/recording.hpp>

namespace backends {

/// One recorder per chart, any number of readers. The recorder announces a row before it writes
/// into it; every store releases and every load acquires, so a reader that saw a word of a new row
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

    [[nodiscard]] detail::no_guard recording() const noexcept { return {}; }
    [[nodiscard]] detail::no_guard reading() const noexcept { return {}; }
};

static_assert(recording_policy<wait_free>);

}  // namespace backends
