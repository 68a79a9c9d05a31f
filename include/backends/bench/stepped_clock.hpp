// SPDX-License-Identifier: BSL-1.0
//
// Bench: the clock of an exporter whose ticks are measured.
#pragma once

#include <backends/bench/workload.hpp>
#include <backends/core/time.hpp>
#include <backends/driver/clock.hpp>
#include <backends/driver/observer.hpp>
#include <backends/driver/policies.hpp>

namespace backends::inline BACKENDS_ISA::bench {

/// The machine's steady clock, which can be put forward so that a tick is due, and a wall clock
/// that is set. One for the whole program; not thread-safe.
struct stepped_clock {
    static inline nanoseconds ahead{0};            ///< of the machine's steady clock
    static inline unix_seconds wall = start_time;  ///< what system_now() says

    static instant steady_now() noexcept { return system_clock::steady_now() + ahead; }
    static unix_seconds system_now() noexcept { return wall; }
};

/// The policies of such an exporter.
struct stepped_policies : default_policies {
    using clock = stepped_clock;
    using observer = no_observer;
};

}  // namespace backends::bench
