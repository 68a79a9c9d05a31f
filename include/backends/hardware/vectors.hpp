// SPDX-License-Identifier: BSL-1.0
//
// x86 SIMD operations for printing numbers, chosen by the compiler's flags. Every use has a scalar
// form with bit-identical results, which runs where there is no SIMD. BACKENDS_PORTABLE_ONLY,
// defined for the whole program, leaves the scalar form and the compiler's own vectors.
//
// The operations assume IEEE floating point in any rounding mode; require_ieee.hpp rejects
// -ffast-math and its parts. Nothing here depends on fused multiplication.
#pragma once

#include <backends/isa.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>

#if !defined(BACKENDS_PORTABLE_ONLY)
#if defined(__AVX2__)
#include <immintrin.h>
#elif defined(__SSE2__)
#include <emmintrin.h>
#endif
#endif

namespace backends::inline BACKENDS_ISA::detail::vectors {

/// No vectors: selects the scalar form.
struct none {
    static constexpr std::size_t lanes = 0;
};

#if !defined(BACKENDS_PORTABLE_ONLY) && defined(__SSE2__)
/// Registers of 16 bytes, on every x86-64 machine. A number has 32 bits unless a name says
/// otherwise.
struct sse2 {
    static constexpr std::size_t lanes = 2;  // doubles
    using doubles = __m128d;
    using numbers = __m128i;
    using halves = __m128i;    // one number per double
    using of_16_bytes = sse2;  // the same operations on half of this register, or on all of it

    static doubles load(const double* from) noexcept { return _mm_loadu_pd(from); }
    static numbers load_numbers(const std::uint32_t* from) noexcept {
        return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
    }
    /// Loads the low halves of four 64-bit numbers.
    static numbers load_low_halves(const void* from) noexcept {
        const auto* const two = static_cast<const double*>(from);
        return _mm_castps_si128(_mm_shuffle_ps(_mm_castpd_ps(_mm_loadu_pd(two)),
                                               _mm_castpd_ps(_mm_loadu_pd(two + 2)), 0x88));
    }
    static doubles broadcast(double v) noexcept { return _mm_set1_pd(v); }
    static doubles abs_of(doubles v) noexcept {
        return _mm_and_pd(_mm_castsi128_pd(_mm_set1_epi64x(INT64_MAX)), v);
    }
    static doubles bit_or(doubles a, doubles b) noexcept { return _mm_or_pd(a, b); }
    static doubles less(doubles a, doubles b) noexcept { return _mm_cmplt_pd(a, b); }
    static doubles min_of(doubles a, doubles b) noexcept { return _mm_min_pd(a, b); }
    static doubles max_of(doubles a, doubles b) noexcept { return _mm_max_pd(a, b); }
    /// One bit per lane: its sign, or whether a comparison held.
    static unsigned movemask(doubles v) noexcept {
        return static_cast<unsigned>(_mm_movemask_pd(v));
    }

    /// Truncates towards zero in every rounding mode.
    static halves to_i32(doubles v) noexcept { return _mm_cvttpd_epi32(v); }
    static doubles to_f64(halves v) noexcept { return _mm_cvtepi32_pd(v); }
    /// a0 b0 a1 b1 ...
    static numbers interleave_low(halves a, halves b) noexcept { return _mm_unpacklo_epi32(a, b); }

    static numbers broadcast_32(std::uint32_t v) noexcept {
        return _mm_set1_epi32(static_cast<int>(v));
    }
    static numbers broadcast_16(std::uint16_t v) noexcept {
        return _mm_set1_epi16(static_cast<short>(v));
    }
    /// Repeats the four 16-bit numbers of `v`.
    static numbers broadcast_64(std::uint64_t v) noexcept {
        return _mm_set1_epi64x(static_cast<long long>(v));
    }
    static numbers bit_or(numbers a, numbers b) noexcept { return _mm_or_si128(a, b); }
    static numbers sub_32(numbers a, numbers b) noexcept { return _mm_sub_epi32(a, b); }
    static numbers sub_16(numbers a, numbers b) noexcept { return _mm_sub_epi16(a, b); }
    static numbers add_16(numbers a, numbers b) noexcept { return _mm_add_epi16(a, b); }
    /// Multiplies the even lanes to 64 bits. odd_to_even() moves the odd lanes there.
    static numbers mul_even_32(numbers a, numbers b) noexcept { return _mm_mul_epu32(a, b); }
    static numbers odd_to_even(numbers v) noexcept { return _mm_shuffle_epi32(v, 0xf5); }
    /// Precondition: all numbers are below 2^15.
    static numbers mul_add_16(numbers a, numbers b) noexcept { return _mm_madd_epi16(a, b); }
    static numbers mul_low_16(numbers a, numbers b) noexcept { return _mm_mullo_epi16(a, b); }
    static numbers mul_high_16(numbers a, numbers b) noexcept { return _mm_mulhi_epu16(a, b); }
    template <int N>
    static numbers shift_right_64(numbers v) noexcept {
        return _mm_srli_epi64(v, N);
    }
    template <int N>
    static numbers shift_left_64(numbers v) noexcept {
        return _mm_slli_epi64(v, N);
    }
    template <int N>
    static numbers shift_left_32(numbers v) noexcept {
        return _mm_slli_epi32(v, N);
    }
    template <int N>
    static numbers shift_right_16(numbers v) noexcept {
        return _mm_srli_epi16(v, N);
    }
    template <int N>
    static numbers shift_left_16(numbers v) noexcept {
        return _mm_slli_epi16(v, N);
    }

    /// True when every number is below 2^26.
    static bool all_below_2_26(numbers v) noexcept {
        const numbers none = _mm_cmpeq_epi32(_mm_srli_epi32(v, 26), _mm_setzero_si128());
        return _mm_movemask_epi8(none) == 0xffff;
    }

    /// Hides `v` from the compiler, which would replace multiplications by slower shifts and adds.
    static numbers opaque(numbers v) noexcept {
        asm("" : "+x"(v));
        return v;
    }
    /// Counts the zeros at the start of 16 characters; the last character never counts.
    static unsigned leading_zeros(const char* text) noexcept {
        const __m128i characters = _mm_load_si128(reinterpret_cast<const __m128i*>(text));
        const int zeros = _mm_movemask_epi8(_mm_cmpeq_epi8(characters, _mm_set1_epi8('0')));
        return static_cast<unsigned>(std::countr_zero(~static_cast<unsigned>(zeros) | 0x8000U));
    }
    /// Stores the 16-bit numbers a0 b0 a1 b1 ..., 16 bytes for each two 32-bit numbers.
    static void store_interleaved_16(char* out, numbers a, numbers b) noexcept {
        _mm_store_si128(reinterpret_cast<__m128i*>(out), _mm_unpacklo_epi16(a, b));
        _mm_store_si128(reinterpret_cast<__m128i*>(out + 16), _mm_unpackhi_epi16(a, b));
    }
};
#if defined(__AVX2__)
/// Registers of 32 bytes. Each operation does what its namesake in sse2 does.
struct avx2 {
    static constexpr std::size_t lanes = 4;  // doubles
    using doubles = __m256d;
    using numbers = __m256i;
    using halves = __m128i;  // one number per double
    using of_16_bytes = sse2;

    static doubles load(const double* from) noexcept { return _mm256_loadu_pd(from); }
    static numbers load_numbers(const std::uint32_t* from) noexcept {
        return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
    }
    static doubles broadcast(double v) noexcept { return _mm256_set1_pd(v); }
    static doubles abs_of(doubles v) noexcept {
        return _mm256_and_pd(_mm256_castsi256_pd(_mm256_set1_epi64x(INT64_MAX)), v);
    }
    static doubles bit_or(doubles a, doubles b) noexcept { return _mm256_or_pd(a, b); }
    static doubles less(doubles a, doubles b) noexcept { return _mm256_cmp_pd(a, b, _CMP_LT_OQ); }
    static doubles min_of(doubles a, doubles b) noexcept { return _mm256_min_pd(a, b); }
    static doubles max_of(doubles a, doubles b) noexcept { return _mm256_max_pd(a, b); }
    static unsigned movemask(doubles v) noexcept {
        return static_cast<unsigned>(_mm256_movemask_pd(v));
    }

    static halves to_i32(doubles v) noexcept { return _mm256_cvttpd_epi32(v); }
    static doubles to_f64(halves v) noexcept { return _mm256_cvtepi32_pd(v); }
    static numbers interleave_low(halves a, halves b) noexcept {
        return _mm256_set_m128i(_mm_unpackhi_epi32(a, b), _mm_unpacklo_epi32(a, b));
    }

    static numbers broadcast_32(std::uint32_t v) noexcept {
        return _mm256_set1_epi32(static_cast<int>(v));
    }
    static numbers broadcast_16(std::uint16_t v) noexcept {
        return _mm256_set1_epi16(static_cast<short>(v));
    }
    static numbers broadcast_64(std::uint64_t v) noexcept {
        return _mm256_set1_epi64x(static_cast<long long>(v));
    }
    static numbers bit_or(numbers a, numbers b) noexcept { return _mm256_or_si256(a, b); }
    static numbers sub_32(numbers a, numbers b) noexcept { return _mm256_sub_epi32(a, b); }
    static numbers sub_16(numbers a, numbers b) noexcept { return _mm256_sub_epi16(a, b); }
    static numbers add_16(numbers a, numbers b) noexcept { return _mm256_add_epi16(a, b); }
    static numbers mul_even_32(numbers a, numbers b) noexcept { return _mm256_mul_epu32(a, b); }
    static numbers odd_to_even(numbers v) noexcept { return _mm256_shuffle_epi32(v, 0xf5); }
    static numbers mul_add_16(numbers a, numbers b) noexcept { return _mm256_madd_epi16(a, b); }
    static numbers mul_low_16(numbers a, numbers b) noexcept { return _mm256_mullo_epi16(a, b); }
    static numbers mul_high_16(numbers a, numbers b) noexcept { return _mm256_mulhi_epu16(a, b); }
    template <int N>
    static numbers shift_right_64(numbers v) noexcept {
        return _mm256_srli_epi64(v, N);
    }
    template <int N>
    static numbers shift_left_64(numbers v) noexcept {
        return _mm256_slli_epi64(v, N);
    }
    template <int N>
    static numbers shift_left_32(numbers v) noexcept {
        return _mm256_slli_epi32(v, N);
    }
    template <int N>
    static numbers shift_right_16(numbers v) noexcept {
        return _mm256_srli_epi16(v, N);
    }
    template <int N>
    static numbers shift_left_16(numbers v) noexcept {
        return _mm256_slli_epi16(v, N);
    }

    static bool all_below_2_26(numbers v) noexcept {
        return _mm256_testz_si256(v, _mm256_set1_epi32(static_cast<int>(0xfc00'0000))) != 0;
    }

    static numbers opaque(numbers v) noexcept {
        asm("" : "+x"(v));
        return v;
    }
    static unsigned leading_zeros(const char* text) noexcept { return sse2::leading_zeros(text); }
    static void store_interleaved_16(char* out, numbers a, numbers b) noexcept {
        const __m256i low = _mm256_unpacklo_epi16(a, b);  // within each half of the register
        const __m256i high = _mm256_unpackhi_epi16(a, b);
        _mm256_store_si256(reinterpret_cast<__m256i*>(out),
                           _mm256_permute2x128_si256(low, high, 0x20));
        _mm256_store_si256(reinterpret_cast<__m256i*>(out + 32),
                           _mm256_permute2x128_si256(low, high, 0x31));
    }
};
using widest = avx2;
#else
using widest = sse2;
#endif
#else
using widest = none;
#endif

}  // namespace backends::detail::vectors
