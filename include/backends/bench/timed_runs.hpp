// SPDX-License-Identifier: BSL-1.0
//
// Bench: times runs one by one. On a machine that does other things too, the shortest run says
// most.
#pragma once

#include <backends/isa.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <limits>

namespace backends::inline BACKENDS_ISA::bench {

/// The sum and the minimum of what was timed. Reading the clock twice is some 50 ns of each run.
class timed_runs {
    using clock = std::chrono::steady_clock;

public:
    /// `run()` returns how many items it made.
    template <class Run>
    void operator()(Run run) {
        const auto begin = clock::now();
        const std::size_t items = run();
        const std::chrono::duration<double> taken = clock::now() - begin;
        seconds_ += taken.count();
        least_ = (std::min)(least_, taken.count() / static_cast<double>(items));
    }
    [[nodiscard]] double seconds() const noexcept { return seconds_; }  ///< of all runs
    /// Of an item in the shortest run.
    [[nodiscard]] double least_ns() const noexcept { return least_ * 1e9; }

private:
    double seconds_ = 0;
    double least_ = (std::numeric_limits<double>::infinity)();
};

}  // namespace backends::bench
