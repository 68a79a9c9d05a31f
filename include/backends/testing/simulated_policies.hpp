// SPDX-License-Identifier: BSL-1.0
//
// Testing. An exporter's policies with deterministic replacements: clocks that a test moves, a
// random source that the schedule seeds, and a back-off that logs its calls.
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
    /// The thread's; set and moved by tests.
    static inline thread_local constinit manual_clock now{};

    static instant steady_now() noexcept { return now.steady_now(); }
    static unix_seconds system_now() noexcept { return now.system_now(); }
};

/// The recording policy Base; its charts trust the simulated clock.
template <recording_policy Base>
struct simulated_recording : Base {
    /// The thread's simulated time.
    static wall_time wall_clock() noexcept { return {simulated_clock::system_now()}; }
};

/// Takes its seed from the run, not from its address.
class scheduled_random {
public:
    /// Of sources that the thread makes.
    static inline thread_local constinit std::uint64_t seed = 0;

    std::uint64_t operator()() noexcept { return source_(); }  ///< the next 64 bits

private:
    split_mix source_{seed};
};

/// The calls of a back-off policy since the run began.
struct backoff_log {
    std::uint64_t delays = 0;  ///< calls of next()
    std::uint64_t resets = 0;  ///< calls of reset()
    nanoseconds last{};        ///< the newest delay

    /// The thread's; nullptr: none.
    static inline thread_local constinit backoff_log* current = nullptr;
};

/// Base, logged.
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

/// The news of an observer since the run began.
struct observer_log {
    std::uint64_t failures = 0;        ///< how many
    std::uint64_t without_reason = 0;  ///< of these, without an error
    std::uint64_t elsewhere = 0;       ///< failures of another destination than the tried one
    std::size_t tried = 0;             ///< the digit at its name's end; the simulation sets it
    std::uint64_t connections = 0;     ///< how many
    amount dropped;                    ///< what was given up

    /// The thread's; nullptr: none.
    static inline thread_local constinit observer_log* current = nullptr;

    /// Everything counted is told, and nothing else.
    ///
    /// @param promises  has require(kept, what)
    template <class Promises>
    void compare(Promises& promises, const delivery_counters& all) const noexcept {
        promises.require(failures == all.failures, "D12 a failure was counted and not told");
        promises.require(without_reason == 0, "D12 a failure was told without its reason");
        promises.require(connections == all.connections,
                         "D12 connections are counted and not told");
        promises.require(dropped == all.lost(), "D1 lines were dropped and it was not told");
        promises.require(elsewhere == 0, "D12 a failure was told of another destination");
    }
};

/// Base, logged.
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

/// Base for a simulation: keeps its confirmation, overflow, names and observer. Only the default
/// observer is replaced: it would log millions of intended failures.
template <class Base = default_policies>
struct simulated_policies : Base {
    using backoff = watched_backoff<typename Base::backoff>;  ///< the same, logged
    using random = scheduled_random;                          ///< of the schedule
    using clock = simulated_clock;                            ///< of the thread
    /// The same, logged.
    using observer = watched_observer<
        std::conditional_t<std::is_same_v<typename Base::observer, default_policies::observer>,
                           no_observer, typename Base::observer>>;
};

}  // namespace backends::testing
