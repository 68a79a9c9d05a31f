// SPDX-License-Identifier: BSL-1.0
//
// Clocks that the test sets.
#pragma once

#include <backends/core/time.hpp>

namespace test {

struct stepped_clock {
    static inline backends::instant steady{1'000'000'000};
    static inline backends::unix_seconds wall = 1'700'000'000;

    static backends::instant steady_now() noexcept { return steady; }
    static backends::unix_seconds system_now() noexcept { return wall; }
};

}  // namespace test
