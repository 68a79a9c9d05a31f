// SPDX-License-Identifier: BSL-1.0
//
// Storage, second concept: a recording policy says how a chart is shared between the threads that
// record into it and the exporter that reads it. Models: unsynchronized, wait_free (the default),
// locked.
#pragma once

#include <backends/core/wall_clock.hpp>
#include <backends/isa.hpp>

#include <concepts>
#include <cstdint>

namespace backends::inline BACKENDS_ISA {

/// A recording policy. Every word that both sides see is moved by load() and store(); recording()
/// and reading() give guards that live as long as one side is at work.
///
/// - `store` publishes: whoever loads the word sees everything that was stored before it
/// - `is_read_while_recorded`  true: a row may be overwritten under the reader's hands, so every
///   row is checked after it was read; false: the guards, or the user, keep the two apart
/// - `wall_clock`  may be missing: the clock that rows are held against instead of the system's,
///   for tests, replays and whoever has a better one; static, noexcept, gives a wall_time
template <class Policy>
concept recording_policy =
    std::default_initializable<Policy> &&
    requires(Policy& policy, double& word, const double& read_only, std::uint64_t& sequence) {
        { Policy::is_read_while_recorded } -> std::convertible_to<bool>;
        { Policy::load(read_only) } noexcept -> std::same_as<double>;
        { Policy::store(word, 1.0) } noexcept;
        { Policy::store(sequence, std::uint64_t{}) } noexcept;
        policy.recording();
        policy.reading();
    };

namespace detail {
template <class Policy>
concept has_wall_clock = requires { &Policy::wall_clock; };

/// The clock that a chart of this policy believes.
template <recording_policy Policy>
wall_time wall_clock_of() noexcept {
    if constexpr (has_wall_clock<Policy>) {
        static_assert(
            requires {
                { Policy::wall_clock() } noexcept -> std::same_as<wall_time>;
            },
            "backends: a recording policy's wall_clock() must be static and noexcept and give a "
            "wall_time");
        return Policy::wall_clock();
    } else {
        return wall_clock();
    }
}

/// The guard of policies that need none.
struct [[maybe_unused]] no_guard {};
}  // namespace detail

}  // namespace backends
