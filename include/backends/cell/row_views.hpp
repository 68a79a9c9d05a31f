// SPDX-License-Identifier: BSL-1.0
//
// Cell: the forms in which a row is handed to a fold: word by word, or two columns side by side
// in a vector register, as doubles, so that a window is folded down its columns two at a time.
#pragma once

#include <backends/hardware/registers.hpp>

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace backends::inline BACKENDS_ISA::detail {

/// Whether a recording policy loads neighbouring words with one instruction.
template <class Recording, class Vector, class Word>
concept loads_vectors = requires(const Word* words) {
    { Recording::template load_vector<Vector>(words) } noexcept -> std::same_as<Vector>;
};

/// Copies n words as a recording policy loads them, two at once where it does that.
template <class Recording>
[[gnu::always_inline]] inline void copy_words(const std::uint64_t* words, std::size_t n,
                                              void* to) noexcept {
    constexpr std::size_t word = sizeof(std::uint64_t);
    auto* const out = static_cast<unsigned char*>(to);
    std::size_t i = 0;
    if constexpr (loads_vectors<Recording, u64x2, std::uint64_t>) {
        const auto copy_two = [words, out](std::size_t at) __attribute__((always_inline)) {
            const auto two = Recording::template load_vector<u64x2>(words + at);
            std::memcpy(out + at * word, &two, sizeof two);  // as vectors will read them
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

/// Whether a recording policy loads the top byte of a word of four bytes by itself.
template <class Recording>
concept loads_top_bytes = requires(const std::uint32_t& word) {
    { Recording::load_top_byte(word) } noexcept -> std::same_as<unsigned char>;
};

/// Where it is, counted from the word's first.
inline constexpr std::size_t top_byte_at = std::endian::native == std::endian::little ? 3 : 0;

/// How a fold sees a row: N words, each loaded when it is asked for. The form that every recording
/// policy supports.
template <class Word, std::size_t N>
struct word_row {
    static constexpr std::size_t width = N;

    template <class Recording>
    struct row {
        const Word* words;

        [[gnu::always_inline]] Word operator[](std::size_t i) const noexcept {
            return Recording::load(words[i]);
        }
        /// Words 4 * I and the next three, zeros behind the last of the row.
        template <std::size_t I>
        [[gnu::always_inline]] u32x4 quad() const noexcept
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
        /// The top byte of a word, loaded once more: it may be another, if the row is overwritten.
        template <std::size_t I>
        [[gnu::always_inline]] std::size_t top_byte() const noexcept
            requires(sizeof(Word) == 4 && loads_top_bytes<Recording>)
        {
            return Recording::load_top_byte(words[I]);
        }
    };
};

/// Two words in a vector.
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

/// How a fold sees a row of doubles or floats: two columns as doubles in a vector, and a gap beside
/// the last of an odd number. The same values as word_row. A pair is loaded where it is used, so
/// that the sums can have all the other registers.
template <class Word, std::size_t N>
struct paired_row {
    static constexpr std::size_t width = N;
    static constexpr std::size_t pairs = (N + 1) / 2;
    static constexpr double beside_the_last = -0.0;  // a gap

    template <class Recording>
    struct row {
        const Word* words;

        template <std::size_t I>
        [[gnu::always_inline]] f64x2 pair() const noexcept {
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
