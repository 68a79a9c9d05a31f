// SPDX-License-Identifier: BSL-1.0
//
// What a value says about its window. Some receivers add values up and keep others as they are: a
// source knows which, a format may say it.
#pragma once

#include <backends/isa.hpp>

#include <cstdint>

namespace backends::inline BACKENDS_ISA {

/// What a value says about its window.
enum class quantity : std::uint8_t {
    level,         ///< how much there is: an average, a maximum, a value as collected
    amount,        ///< how much came: sums and counts, which add up over windows
    total,         ///< how much came since a counter began: a counter as collected
    distribution,  ///< how often which values came: a histogram's record
};

}  // namespace backends
