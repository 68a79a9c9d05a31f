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

#if defined(__AVX512VL__) && defined(__AVX512BW__) && defined(__AVX512DQ__)
#define BACKENDS_ISA isa_avx512
#elif defined(__AVX512F__)
#define BACKENDS_ISA isa_avx512f
#elif defined(__AVX2__) && defined(__FMA__) && defined(__BMI2__)
#define BACKENDS_ISA isa_avx2_fma
#elif defined(__AVX2__)
#define BACKENDS_ISA isa_avx2
#elif defined(__AVX__)
#define BACKENDS_ISA isa_avx
#elif defined(__SSE4_2__)
#define BACKENDS_ISA isa_sse4
#elif defined(__SSE2__)
#define BACKENDS_ISA isa_sse2
#elif defined(__ARM_FEATURE_SVE)
#define BACKENDS_ISA isa_sve
#elif defined(__ARM_NEON)
#define BACKENDS_ISA isa_neon
#else
#define BACKENDS_ISA isa_any
#endif
