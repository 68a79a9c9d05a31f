// SPDX-License-Identifier: BSL-1.0
//
// The compiler's own vectors, SSE2 on x86-64, NEON on AArch64 and plain code elsewhere, and what is
// done with two doubles or four words in one of them: what a window is folded down its columns
// with.
#pragma once

#include <backends/isa.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>

#if defined(__SSE2__) && !defined(BACKENDS_PORTABLE_ONLY)
#include <emmintrin.h>
#endif

namespace backends::inline BACKENDS_ISA::detail {

using f64x2 = double __attribute__((vector_size(16)));
using u64x2 = std::uint64_t __attribute__((vector_size(16)));
using f32x2 = float __attribute__((vector_size(8)));
using u32x4 = std::uint32_t __attribute__((vector_size(16)));
using u8x16 = unsigned char __attribute__((vector_size(16)));

/// Calls f<0>(), f<1>(), ... f<End - 1>(). An array stays in registers only while its indices are
/// known at compile time.
template <std::size_t End, class F>
[[gnu::always_inline]] inline void each(F f) noexcept {
    [&]<std::size_t... I>(std::index_sequence<I...>) __attribute__((always_inline)) {
        (f.template operator()<I>(), ...);
    }(std::make_index_sequence<End>{});
}

/// The nearest whole numbers, ties to even. Preconditions: magnitudes below 2^51, the usual
/// rounding mode.
[[gnu::always_inline]] inline f64x2 round_to_even(f64x2 v) noexcept {
#if defined(__clang__)
#pragma clang fp reassociate(off)  // no macro says that it may, and then v is all that is left
#endif
    // Doubles from 2^52 to 2^53 are the whole numbers.
    constexpr f64x2 whole{0x1.8p52, 0x1.8p52};
    return (v + whole) - whole;
}

/// A double from here and one from there.
[[gnu::always_inline]] inline f64x2 gather2(const double* a, const double* b) noexcept {
#if defined(__SSE2__) && !defined(BACKENDS_PORTABLE_ONLY)
    return _mm_loadh_pd(_mm_load_sd(a),
                        b);  // two loads; the compiler makes three instructions of it
#else
    return f64x2{*a, *b};
#endif
}

/// Words 2 * Half and 2 * Half + 1 as doubles. Precondition: both are below 2^31.
template <std::size_t Half>
[[gnu::always_inline]] inline f64x2 to_f64x2(u32x4 words) noexcept {
#if defined(__SSE2__) && !defined(BACKENDS_PORTABLE_ONLY)
    const auto all = std::bit_cast<__m128i>(words);
    return _mm_cvtepi32_pd(Half == 0 ? all : _mm_unpackhi_epi64(all, all));
#else
    return f64x2{static_cast<double>(words[2 * Half]), static_cast<double>(words[2 * Half + 1])};
#endif
}

/// The upper halves of the doubles whose halves these are, of two and of two more.
[[gnu::always_inline]] inline u32x4 high_words(u32x4 a, u32x4 b) noexcept {
    constexpr int upper = std::endian::native == std::endian::little ? 1 : 0;
    return __builtin_shufflevector(a, b, upper, upper + 2, upper + 4, upper + 6);
}

}  // namespace backends::detail
