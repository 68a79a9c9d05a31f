// SPDX-License-Identifier: BSL-1.0
//
// Rejects -ffast-math and its parts, as far as the compiler defines macros for them: sums and
// averages rely on IEEE arithmetic.
#pragma once

#if (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__) || defined(__NO_SIGNED_ZEROS__) || \
    defined(__ASSOCIATIVE_MATH__) || defined(__RECIPROCAL_MATH__)
#error \
    "backends: -0 is the gap of double and float cells, and an average is rounded once; -ffast-math, -funsafe-math-optimizations, -fno-signed-zeros and -freciprocal-math let the compiler take -0 for 0, add samples up in another order, or round a quotient twice"
#endif
#if defined(__FLT_EVAL_METHOD__) && __FLT_EVAL_METHOD__ == 2
#error "backends: x87 keeps more digits than a double has; use -msse2 -mfpmath=sse"
#endif
