// SPDX-License-Identifier: BSL-1.0
//
// Storage, recording policy: one thread records and exports (a poll() loop, a single-threaded
// io_context, a test). Plain loads and stores, which the compiler may vectorise; no protection.
#pragma once

#include <backends/cell/row_views.hpp>
#include <backends/storage/recording_policy.hpp>

#include <cstdint>
#include <cstring>

namespace backends::inline BACKENDS_ISA {

/// The user ensures that recording and reading never overlap.
struct unsynchronized {
    static constexpr bool is_read_while_recorded = false;

    template <class Word>
    static constexpr Word load(const Word& word) noexcept {
        return word;
    }
    /// Optional: see byte_loading_policy.
    static unsigned char load_top_byte(const std::uint32_t& word) noexcept {
        return reinterpret_cast<const unsigned char*>(&word)[detail::top_byte_at];
    }
    /// Optional: see vector_loading_policy.
    template <class Vector, class Word>
    static Vector load_vector(const Word* words) noexcept {
        Vector lanes;
        std::memcpy(&lanes, words, sizeof lanes);
        return lanes;
    }
    template <class Word>
    static constexpr void store(Word& word, Word value) noexcept {
        word = value;
    }

    [[nodiscard]] detail::no_guard recording() const noexcept { return {}; }
    [[nodiscard]] detail::no_guard reading() const noexcept { return {}; }
};

static_assert(recording_policy<unsynchronized>);

}  // namespace backends
