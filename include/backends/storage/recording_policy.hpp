// SPDX-License-Identifier: BSL-1.0
//
// Storage, second concept: a recording policy defines how recording threads and the exporter share
// a chart. Models: unsynchronized, wait_free (the default), locked.
#pragma once

#include <backends/core/wall_clock.hpp>
#include <backends/isa.hpp>

#include <concepts>
#include <cstdint>

namespace backends::inline BACKENDS_ISA {

/// A recording policy.
///
/// - `load(word)` and `store(word, value)`  move every word that both sides see; a thread that
///   loads a word sees everything stored before it
/// - `recording()` and `reading()`  return guards that live while that side works
/// - `is_read_while_recorded`  true: a recorder may overwrite a row during a read, so readers check
///   every row afterwards; false: the guards, or the user, keep the two apart
/// - `wall_clock`  optional: replaces the system's clock that rows are checked against, for tests,
///   replays and better clocks; static, noexcept, returns a wall_time
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

/// The time by the policy's clock, or by the system's.
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
