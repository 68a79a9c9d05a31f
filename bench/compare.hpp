// SPDX-License-Identifier: BSL-1.0
//
// The lines of both systems, byte by byte, for all combinations. They may differ only where the
// exact average lies in the middle between two texts: there the original's rounding error decides.
#pragma once

#include <cstddef>

namespace bench {

struct comparison {
    std::size_t lines = 0;
    std::size_t ties = 0;       ///< differ, as they may
    std::size_t different = 0;  ///< differ, and must not
};

comparison compare_lines();

}  // namespace bench
