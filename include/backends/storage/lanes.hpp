// SPDX-License-Identifier: BSL-1.0
//
// Storage: words of a row side by side in vector registers, two doubles in each, so that a window is
// folded down its columns two at a time. The compiler's vector extension is all it needs: SSE2 on
// x86-64, NEON on AArch64, plain code elsewhere, the same results everywhere.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <utility>

namespace backends::detail {

/// Two doubles, and what a comparison of them gives: all bits of a lane set, or none.
using two_doubles = double __attribute__((vector_size(16)));
using two_masks = std::int64_t __attribute__((vector_size(16)));

/// How rows are loaded: word by word, the form that every recording policy supports.
template <class Word, std::size_t N>
struct by_words {
    static constexpr std::size_t width = N;
    using row = std::array<Word, N>;

    template <class Recording>
    static row load(const Word* words) noexcept {
        return [&]<std::size_t... I>(std::index_sequence<I...>) {
            return row{Recording::load(words[I])...};  // a loop stays one, through memory
        }(std::make_index_sequence<N>{});
    }
};

/// How rows of doubles are loaded for vectors: N columns, and a gap beside the last of an odd number.
/// The same values as by_words.
template <std::size_t N>
struct by_lanes {
    static constexpr std::size_t width = N;
    static constexpr std::size_t pairs = (N + 1) / 2;
    using row = std::array<two_doubles, pairs>;

    template <class Recording>
    static row load(const double* words) noexcept {
        row out;
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            ((out[I] = load_pair<Recording, 2 * I>(words)), ...);
        }(std::make_index_sequence<pairs>{});
        return out;
    }

private:
    template <class Recording, std::size_t I>
    static two_doubles load_pair(const double* words) noexcept {
        if constexpr (I + 1 < N) {
            return load_two<Recording>(words + I);
        } else {
            return two_doubles{Recording::load(words[I]), std::numeric_limits<double>::quiet_NaN()};
        }
    }
    template <class Recording>
    static two_doubles load_two(const double* words) noexcept {
        if constexpr (requires { Recording::load_two(words); }) {
            return Recording::load_two(words);
        } else {
            return two_doubles{Recording::load(words[0]), Recording::load(words[1])};
        }
    }
};

}  // namespace backends::detail
