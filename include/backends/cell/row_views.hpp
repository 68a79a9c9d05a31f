// SPDX-License-Identifier: BSL-1.0
//
// Cell: the forms of a row that a fold sees: single words, or pairs of columns in a vector of
// doubles, to fold a window two columns at a time.
#pragma once

#include <backends/core/inline.hpp>
#include <backends/hardware/registers.hpp>

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace backends::inline BACKENDS_ISA::detail {

/// A recording policy that loads neighbouring words with one instruction.
template <class Recording, class Vector, class Word>
concept loads_vectors = requires(const Word* words) {
    { Recording::template load_vector<Vector>(words) } noexcept -> std::same_as<Vector>;
};

/// Copies n words through the recording policy, two at once where it can.
template <class Recording>
BACKENDS_INLINE inline void copy_words(const std::uint64_t* words, std::size_t n,
                                       void* to) noexcept {
    constexpr std::size_t word = sizeof(std::uint64_t);
    auto* const out = static_cast<unsigned char*>(to);
    std::size_t i = 0;
    if constexpr (loads_vectors<Recording, u64x2, std::uint64_t>) {
        const auto copy_two = [words, out](std::size_t at) BACKENDS_INLINE {
            const auto two = Recording::template load_vector<u64x2>(words + at);
            std::memcpy(out + at * word, &two, sizeof two);  // vectors will read it as it is
        };
        for (; i + 3 < n; i += 4) {
            copy_two(i);
            copy_two(i + 2);
        }
        if (i + 1 < n) {
            copy_two(i);
            i += 2;
        }
    }
    for (; i < n; ++i) {
        const std::uint64_t one = Recording::load(words[i]);
        std::memcpy(out + i * word, &one, word);
    }
}

/// A recording policy that loads the top byte of a four-byte word on its own.
template <class Recording>
concept loads_top_bytes = requires(const std::uint32_t& word) {
    { Recording::load_top_byte(word) } noexcept -> std::same_as<unsigned char>;
};

/// The top byte's offset in the word.
inline constexpr std::size_t top_byte_at = std::endian::native == std::endian::little ? 3 : 0;

/// A row as N words, each loaded on use. Every recording policy supports this form.
template <class Word, std::size_t N>
struct word_row {
    static constexpr std::size_t width = N;

    template <class Recording>
    struct row {
        const Word* words;

        BACKENDS_INLINE Word operator[](std::size_t i) const noexcept {
            return Recording::load(words[i]);
        }
        /// Words 4 * I to 4 * I + 3, zeros after the row's last word.
        template <std::size_t I>
        BACKENDS_INLINE u32x4 quad() const noexcept
            requires(sizeof(Word) == 4)
        {
            constexpr std::size_t left = N - 4 * I;
            if constexpr (!loads_vectors<Recording, u32x4, Word> || left == 1 || left == 3) {
                u32x4 all{};
                for (std::size_t i = 0; i < (left < 4 ? left : 4); ++i) {
                    all[i] = (*this)[4 * I + i];
                }
                return all;
            } else if constexpr (left == 2) {
                using words_in_half = std::uint32_t __attribute__((vector_size(8)));
                const auto two = Recording::template load_vector<words_in_half>(words + 4 * I);
                return std::bit_cast<u32x4>(f64x2{std::bit_cast<double>(two), 0.0});
            } else {
                return Recording::template load_vector<u32x4>(words + 4 * I);
            }
        }
        /// Loads a word's top byte. It may differ from the word in quad() if a recorder overwrites
        /// the row.
        template <std::size_t I>
        BACKENDS_INLINE std::size_t top_byte() const noexcept
            requires(sizeof(Word) == 4 && loads_top_bytes<Recording>)
        {
            return Recording::load_top_byte(words[I]);
        }
    };
};

/// The vector of two words.
template <class Word>
struct pair_of;
template <>
struct pair_of<double> {
    using type = f64x2;
};
template <>
struct pair_of<float> {
    using type = f32x2;
};

/// A row of doubles or floats as vectors of two doubles, with a gap after an odd last column. Has
/// the values of word_row. Each pair is loaded on use, which leaves all other registers to the
/// sums.
template <class Word, std::size_t N>
struct paired_row {
    static constexpr std::size_t width = N;
    static constexpr std::size_t pairs = (N + 1) / 2;
    static constexpr double beside_the_last = -0.0;  // a gap

    template <class Recording>
    struct row {
        const Word* words;

        template <std::size_t I>
        BACKENDS_INLINE f64x2 pair() const noexcept {
            using loaded = typename pair_of<Word>::type;
            if constexpr (2 * I + 1 == N) {
                return f64x2{static_cast<double>(Recording::load(words[2 * I])), beside_the_last};
            } else if constexpr (loads_vectors<Recording, loaded, Word>) {
                return __builtin_convertvector(
                    Recording::template load_vector<loaded>(words + 2 * I), f64x2);
            } else {
                return f64x2{static_cast<double>(Recording::load(words[2 * I])),
                             static_cast<double>(Recording::load(words[2 * I + 1]))};
            }
        }
    };
};

}  // namespace backends::detail
