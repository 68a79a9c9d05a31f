// SPDX-License-Identifier: BSL-1.0
//
// Compiler's options by which the gap of double and float cells could be lost. clang says that it
// was given the first of them, and keeps the sign of -0 with the others.
//
// options of mistake 1: -ffinite-math-only
// mistake 1: backends: -0 is the gap of double and float cells
// options of mistake 2 with g++: -fno-signed-zeros
// mistake 2: backends: -0 is the gap of double and float cells
// options of mistake 3 with g++: -ffast-math -fno-finite-math-only
// mistake 3: backends: -0 is the gap of double and float cells
// options of mistake 4 with g++: -freciprocal-math
// mistake 4: backends: -0 is the gap of double and float cells
// options of mistake 5 with g++: -mfpmath=387
// mistake 5: backends: x87 keeps more digits than a double has
#include <backends/cell/double_cell.hpp>

bool use(double v) { return backends::double_cell::exists(v); }
