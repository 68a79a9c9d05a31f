// SPDX-License-Identifier: BSL-1.0
//
// BACKENDS_INLINE stands before each function of the hot path: a window's state stays in registers
// from its first row to its last, and a line is one piece of code. Without it clang makes a call of
// each line, and g++ of each block.
//
// Where nothing is optimised no state is in registers, and a copy of the path for each of its
// callers is all that the attribute would bring: a debugger that cannot step over it, and half of
// the time to compile a sanitizer's build.
//
// GNU's spelling, as the standard's has no place for a lambda's call operator before C++23.
#pragma once

#ifdef __OPTIMIZE__
#define BACKENDS_INLINE __attribute__((always_inline))
#else
#define BACKENDS_INLINE
#endif
