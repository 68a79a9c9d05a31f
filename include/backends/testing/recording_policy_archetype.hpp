// SPDX-License-Identifier: BSL-1.0
//
// The minimal model of the recording policy concept.
#pragma once

#include <backends/storage/recording_policy.hpp>

namespace backends::inline BACKENDS_ISA::testing {

/// Like unsynchronized, with guards that cannot be copied or moved.
struct recording_policy_archetype {
    static constexpr bool is_read_while_recorded = true;

    /// Guards nothing.
    struct guard {
        guard() = default;
        guard(const guard&) = delete;
        ~guard() {}
    };

    template <class Word>
    static Word load(const Word& word) noexcept {
        return word;
    }
    template <class Word>
    static void store(Word& word, Word value) noexcept {
        word = value;
    }
    [[nodiscard]] guard recording() const { return {}; }
    [[nodiscard]] guard reading() const { return {}; }
};

static_assert(recording_policy<recording_policy_archetype>);

}  // namespace backends::testing
