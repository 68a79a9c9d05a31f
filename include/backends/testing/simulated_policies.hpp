// SPDX-License-Identifier: BSL-1.0
//
// Testing. An exporter's policies with all that is not deterministic replaced: clocks that a test
// moves, a random source that the schedule seeds, and a back-off that says what it was asked.
#pragma once

#include <backends/core/counters.hpp>
#include <backends/core/time.hpp>
#include <backends/delivery/backoff.hpp>
#include <backends/delivery/random.hpp>
#include <backends/driver/observer.hpp>
#include <backends/driver/policies.hpp>
#include <backends/storage/recording_policy.hpp>
#include <backends/testing/manual_clock.hpp>
#include <backends/transport/destination.hpp>

#include <cstddef>
#include <cstdint>
#include <system_error>
#include <type_traits>

namespace backends::inline BACKENDS_ISA::testing {

/// Both clocks of an exporter, as one static policy; each thread has its own.
struct simulated_clock {
    static inline thread_local constinit manual_clock now{};

    static instant steady_now() noexcept { return now.steady_now(); }
    static unix_seconds system_now() noexcept { return now.system_now(); }
};

/// Base, a recording policy, whose charts believe the simulated clock.
template <recording_policy Base>
struct simulated_recording : Base {
    static wall_time wall_clock() noexcept { return {simulated_clock::system_now()}; }
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

/// What an observer was told since the run began.
struct observer_log {
    std::uint64_t failures = 0;
    std::uint64_t without_reason = 0;
    std::uint64_t elsewhere = 0;  ///< failures of another destination than the one that is tried
    std::size_t tried = 0;        ///< the figure that its name ends with; the simulation sets it
    std::uint64_t connections = 0;
    amount dropped;

    static inline thread_local constinit observer_log* current = nullptr;
};

/// Base, watched.
template <class Base>
class watched_observer : public Base {
public:
    void on_failure(const destination& where, std::error_code why) noexcept {
        observe::failure<Base>(*this, where, why);
        if (observer_log* log = observer_log::current) {
            ++log->failures;
            log->without_reason += !why;
            log->elsewhere += static_cast<std::size_t>(where.host.back() - '0') != log->tried;
        }
    }
    void on_connected(const destination& where) noexcept {
        observe::connected<Base>(*this, where);
        if (observer_log* log = observer_log::current) {
            ++log->connections;
        }
    }
    void on_dropped(drop_reason why, amount what) noexcept {
        observe::dropped<Base>(*this, why, what);
        if (observer_log* log = observer_log::current) {
            log->dropped += what;
        }
    }
};

/// Base, for a simulation: confirmation, overflow, names and observer stay as they are, but the
/// default observer, which would log millions of failures that are meant to be.
template <class Base = default_policies>
struct simulated_policies : Base {
    using backoff = watched_backoff<typename Base::backoff>;
    using random = scheduled_random;
    using clock = simulated_clock;
    using observer = watched_observer<
        std::conditional_t<std::is_same_v<typename Base::observer, default_policies::observer>,
                           no_observer, typename Base::observer>>;
};

}  // namespace backends::testing
