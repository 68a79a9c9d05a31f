// SPDX-License-Identifier: BSL-1.0
//
// Small SIMD vectors by the GNU vector extension (SSE2, NEON, or scalar code), and the few
// operations that summing columns needs.
#pragma once

#include <backends/core/inline.hpp>
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

/// Calls f<0>(), f<1>(), ... f<End - 1>(). Constant indices let the compiler keep arrays in
/// registers.
template <std::size_t End, class F>
BACKENDS_INLINE inline void each(F f) noexcept {
    [&]<std::size_t... I>(std::index_sequence<I...>)
        BACKENDS_INLINE { (f.template operator()<I>(), ...); }(std::make_index_sequence<End>{});
}

/// Rounds to the nearest integers, ties to even. Preconditions: magnitudes below 2^51 and the
/// default rounding mode.
BACKENDS_INLINE inline f64x2 round_to_even(f64x2 v) noexcept {
#if defined(__clang__)
#pragma clang fp reassociate(off)  // no macro says that it may, and then v is all that is left
#endif
    // Doubles from 2^52 to 2^53 have no fraction bits, so the addition rounds.
    constexpr f64x2 whole{0x1.8p52, 0x1.8p52};
    return (v + whole) - whole;
}

/// Loads one double from each address.
BACKENDS_INLINE inline f64x2 gather2(const double* a, const double* b) noexcept {
#if defined(__SSE2__) && !defined(BACKENDS_PORTABLE_ONLY)
    return _mm_loadh_pd(_mm_load_sd(a),
                        b);  // two loads; the initializer below compiles to three instructions
#else
    return f64x2{*a, *b};
#endif
}

/// Converts words 2 * Half and 2 * Half + 1 to doubles. Precondition: both are below 2^31.
template <std::size_t Half>
BACKENDS_INLINE inline f64x2 to_f64x2(u32x4 words) noexcept {
#if defined(__SSE2__) && !defined(BACKENDS_PORTABLE_ONLY)
    const auto all = std::bit_cast<__m128i>(words);
    return _mm_cvtepi32_pd(Half == 0 ? all : _mm_unpackhi_epi64(all, all));
#else
    return f64x2{static_cast<double>(words[2 * Half]), static_cast<double>(words[2 * Half + 1])};
#endif
}

/// The high 32 bits of four doubles, two in `a` and two in `b`.
BACKENDS_INLINE inline u32x4 high_words(u32x4 a, u32x4 b) noexcept {
    constexpr int upper = std::endian::native == std::endian::little ? 1 : 0;
    return __builtin_shufflevector(a, b, upper, upper + 2, upper + 4, upper + 6);
}

}  // namespace backends::detail
