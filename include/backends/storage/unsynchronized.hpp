// SPDX-License-Identifier: BSL-1.0
//
// Storage, recording policy: one thread records and exports (a poll() loop, an io_context of one
// thread, a test). Plain loads and stores that the compiler may merge and vectorise; no protection.
#pragma once

#include <backends/cell/row_views.hpp>
#include <backends/storage/recording_policy.hpp>

#include <cstdint>
#include <cstring>

namespace backends::inline BACKENDS_ISA {

/// Recording and reading never overlap; the user sees to it.
struct unsynchronized {
    static constexpr bool is_read_while_recorded = false;

    template <class Word>
    static constexpr Word load(const Word& word) noexcept {
        return word;
    }
    static unsigned char load_top_byte(const std::uint32_t& word) noexcept {
        return reinterpret_cast<const unsigned char*>(&word)[detail::top_byte_at];
    }
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
