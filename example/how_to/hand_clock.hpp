// SPDX-License-Identifier: BSL-1.0
//
// Policies for a test: the test moves the exporter's clock, and nothing is written to a log.
#pragma once

#include <backends/core/time.hpp>
#include <backends/driver/observer.hpp>
#include <backends/driver/policies.hpp>
#include <backends/testing/manual_clock.hpp>

//! [clock]
struct hand_clock {
    static inline backends::testing::manual_clock time{1'700'000'000};

    static backends::instant steady_now() noexcept { return time.steady_now(); }
    static backends::unix_seconds system_now() noexcept { return time.system_now(); }
};

struct test_policies : backends::default_policies {
    using clock = hand_clock;
    using observer = backends::no_observer;
};
//! [clock]
