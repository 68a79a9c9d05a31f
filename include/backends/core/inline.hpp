// SPDX-License-Identifier: BSL-1.0
//
// BACKENDS_INLINE stands before each function of the hot path: a window's state stays in registers
// from its first row to its last, and a line is one piece of code. Without it clang makes a call of
// each line, and g++ of each block.
//
// GNU's spelling, as the standard's has no place for a lambda's call operator before C++23.
#pragma once

#define BACKENDS_INLINE __attribute__((always_inline))
