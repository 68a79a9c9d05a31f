// SPDX-License-Identifier: BSL-1.0
//
// The instruction set that a file is compiled for, as the name of an inline namespace around the
// whole library. A linker keeps one copy of an inline function, whichever file it comes from; with
// the instruction set in its name, a file compiled without -mavx2 never gets that of a file with
// it. Nothing else changes: `backends::host` is written as ever, but it is another type in files
// compiled for another instruction set, and handing it between them does not link.
#pragma once

#if __cplusplus < 202002L
#error "backends: C++20 is needed, -std=c++20 or newer"
#endif
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ < 12
#error "backends: g++ 12 or newer is needed; older ones have no __builtin_shufflevector"
#endif

// How wide vectors are: each wider set includes all narrower ones.
#if defined(__AVX512VL__) && defined(__AVX512BW__) && defined(__AVX512DQ__)
#define BACKENDS_ISA_LEVEL isa_avx512
#elif defined(__AVX512F__)
#define BACKENDS_ISA_LEVEL isa_avx512f
#elif defined(__AVX2__)
#define BACKENDS_ISA_LEVEL isa_avx2
#elif defined(__AVX__)
#define BACKENDS_ISA_LEVEL isa_avx
#elif defined(__SSE4_2__)
#define BACKENDS_ISA_LEVEL isa_sse42
#elif defined(__SSE4_1__)
#define BACKENDS_ISA_LEVEL isa_sse41
#elif defined(__SSSE3__)
#define BACKENDS_ISA_LEVEL isa_ssse3
#elif defined(__SSE3__)
#define BACKENDS_ISA_LEVEL isa_sse3
#elif defined(__SSE2__)
#define BACKENDS_ISA_LEVEL isa_sse2
#elif defined(__ARM_FEATURE_SVE)
#define BACKENDS_ISA_LEVEL isa_sve
#elif defined(__ARM_FEATURE_ATOMICS)
#define BACKENDS_ISA_LEVEL isa_lse
#elif defined(__ARM_NEON)
#define BACKENDS_ISA_LEVEL isa_neon
#else
#define BACKENDS_ISA_LEVEL isa_any
#endif

// What has a flag of its own beside them, as far as compilers use it unasked: a digit each.
#if defined(__AVX512VBMI__) || defined(__AVX512VNNI__) || defined(__AVX512VPOPCNTDQ__)
#define BACKENDS_ISA_VECTORS 1
#elif defined(__XOP__) || defined(__FMA4__)
#define BACKENDS_ISA_VECTORS 2
#else
#define BACKENDS_ISA_VECTORS 0
#endif
#if defined(__FMA__)
#define BACKENDS_ISA_FMA 1
#else
#define BACKENDS_ISA_FMA 0
#endif
#if defined(__F16C__)
#define BACKENDS_ISA_F16C 1
#else
#define BACKENDS_ISA_F16C 0
#endif
#if defined(__POPCNT__)
#define BACKENDS_ISA_POPCNT 1
#else
#define BACKENDS_ISA_POPCNT 0
#endif
#if defined(__LZCNT__)
#define BACKENDS_ISA_LZCNT 1
#else
#define BACKENDS_ISA_LZCNT 0
#endif
#if defined(__BMI__)
#define BACKENDS_ISA_BMI 1
#else
#define BACKENDS_ISA_BMI 0
#endif
#if defined(__BMI2__)
#define BACKENDS_ISA_BMI2 1
#else
#define BACKENDS_ISA_BMI2 0
#endif
#if defined(__MOVBE__)
#define BACKENDS_ISA_MOVBE 1
#else
#define BACKENDS_ISA_MOVBE 0
#endif

#define BACKENDS_ISA_JOIN(l, a, b, c, d, e, f, g, h) l##_##a##b##c##d##e##f##g##h
#define BACKENDS_ISA_NAME(...) BACKENDS_ISA_JOIN(__VA_ARGS__)
#if BACKENDS_ISA_VECTORS || BACKENDS_ISA_FMA || BACKENDS_ISA_F16C || BACKENDS_ISA_POPCNT || \
    BACKENDS_ISA_LZCNT || BACKENDS_ISA_BMI || BACKENDS_ISA_BMI2 || BACKENDS_ISA_MOVBE
#define BACKENDS_ISA                                                              \
    BACKENDS_ISA_NAME(BACKENDS_ISA_LEVEL, BACKENDS_ISA_VECTORS, BACKENDS_ISA_FMA, \
                      BACKENDS_ISA_F16C, BACKENDS_ISA_POPCNT, BACKENDS_ISA_LZCNT, \
                      BACKENDS_ISA_BMI, BACKENDS_ISA_BMI2, BACKENDS_ISA_MOVBE)
#else
#define BACKENDS_ISA BACKENDS_ISA_LEVEL
#endif
