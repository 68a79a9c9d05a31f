// SPDX-License-Identifier: BSL-1.0
//
// Storage: the common part of recording policies that keep recorders and readers apart.
#pragma once

#include <backends/cell/row_views.hpp>
#include <backends/isa.hpp>

#include <cstdint>
#include <cstring>

namespace backends::inline BACKENDS_ISA {

/// Plain loads and stores, which the compiler may vectorise: derive from it and declare recording()
/// and reading(), whose guards never overlap.
struct plain_words {
    /// The guards keep a reader away from a recorder.
    static constexpr bool is_read_while_recorded = false;

    /// A plain load.
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
    /// A plain store.
    template <class Word>
    static constexpr void store(Word& word, Word value) noexcept {
        word = value;
    }
};

}  // namespace backends::inline BACKENDS_ISA
