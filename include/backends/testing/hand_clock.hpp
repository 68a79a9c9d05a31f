// SPDX-License-Identifier: BSL-1.0
//
// Testing. The policies of an exporter whose time the test moves.
#pragma once

#include <backends/core/time.hpp>
#include <backends/driver/observer.hpp>
#include <backends/driver/policies.hpp>
#include <backends/testing/manual_clock.hpp>

namespace backends::inline BACKENDS_ISA::testing {

/// A clock policy that stands still until the test moves `time`. One for the whole program: a test
/// that must begin at a known time sets it, `hand_clock::time = manual_clock{1'700'000'000}`. Not
/// thread-safe: the exporter is polled by the thread that moves it.
struct hand_clock {
    static inline manual_clock time{1'700'000'000};  ///< what time it is; advance() lets it pass

    /// What it was set to.
    static instant steady_now() noexcept { return time.steady_now(); }
    /// The same of the system's clock.
    static unix_seconds system_now() noexcept { return time.system_now(); }
};

/// What default_policies are, with this clock and without a log: the policies of an exporter in a
/// unit test, which `poll(hand_clock::steady_now())` drives.
struct hand_policies : default_policies {
    using clock = hand_clock;      ///< moved by the test
    using observer = no_observer;  ///< a test looks at counters and lines
};

}  // namespace backends::testing
