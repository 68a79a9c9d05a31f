// SPDX-License-Identifier: BSL-1.0
//
// Testing. An exporter's policies with all that is not deterministic replaced: clocks that a test
// moves, a random source that the schedule seeds, and a back-off that says what it was asked.
#pragma once

#include <backends/core/time.hpp>
#include <backends/delivery/backoff.hpp>
#include <backends/delivery/random.hpp>
#include <backends/exporter/policies.hpp>
#include <backends/testing/manual_clock.hpp>

#include <cstdint>
#include <type_traits>

namespace backends::inline BACKENDS_ISA::testing {

/// Both clocks of an exporter, as one static policy; each thread has its own.
struct simulated_clock {
    static inline thread_local constinit manual_clock now{};

    static instant steady_now() noexcept { return now.steady_now(); }
    static unix_seconds system_now() noexcept { return now.system_now(); }
};

/// Gets its seed from the run, not from the place where it stands in memory.
class scheduled_random {
public:
    static inline thread_local constinit std::uint64_t seed = 0;

    std::uint64_t operator()() noexcept { return source_(); }

private:
    split_mix source_{seed};
};

/// What a back-off policy was asked since the run began.
struct backoff_log {
    std::uint64_t delays = 0;
    std::uint64_t resets = 0;
    nanoseconds last{};

    static inline thread_local constinit backoff_log* current = nullptr;
};

/// Base, watched.
template <backoff_policy Base>
class watched_backoff {
public:
    watched_backoff(nanoseconds shortest, nanoseconds longest) : base_{shortest, longest} {}

    template <random_source Random>
    nanoseconds next(Random& random) noexcept {
        const nanoseconds delay = base_.next(random);
        if (backoff_log* log = backoff_log::current) {
            ++log->delays;
            log->last = delay;
        }
        return delay;
    }
    void reset() noexcept {
        base_.reset();
        if (backoff_log* log = backoff_log::current) {
            ++log->resets;
        }
    }

private:
    Base base_;
};

/// Base, for a simulation: confirmation, overflow, names and observer stay as they are, but the
/// default observer, which would log millions of failures that are meant to be.
template <class Base = default_policies>
struct simulated_policies : Base {
    using backoff = watched_backoff<typename Base::backoff>;
    using random = scheduled_random;
    using clock = simulated_clock;
    using observer =
        std::conditional_t<std::is_same_v<typename Base::observer, default_policies::observer>,
                           no_observer, typename Base::observer>;
};

}  // namespace backends::testing
