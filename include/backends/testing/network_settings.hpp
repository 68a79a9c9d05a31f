// SPDX-License-Identifier: BSL-1.0
//
// Testing. What a simulated network is made of, and what its destinations do.
#pragma once

#include <backends/isa.hpp>

#include <cstddef>
#include <cstdint>

namespace backends::inline BACKENDS_ISA::testing {

/// What becomes of looking up a destination's name. `late` is answered by
/// simulated_network::answer.
enum class lookup : std::uint8_t { answers, fails, hangs, late, empty, many };
inline constexpr unsigned lookup_kinds = 6;
/// What becomes of connecting to it. Behind `away` is a proxy whose receiver is not there: it
/// accepts, takes what comes, and resets a little later. At `flaky` every second connection ends
/// like that, or at once, as luck will have it.
enum class reach : std::uint8_t { accepts, refuses, silent, late, closes, resets, away, flaky };
inline constexpr unsigned reach_kinds = 8;

inline constexpr std::size_t max_destinations = 4;

/// What a network is made of.
struct network_settings {
    std::size_t send_buffer = 256;         ///< of our kernel
    std::size_t receive_buffer = 256;      ///< of the peer's
    std::size_t largest_write = SIZE_MAX;  ///< that our kernel takes at once
    std::size_t endpoints = 1;             ///< addresses of each destination
    std::size_t dead_endpoints = 0;        ///< of these, the first ones refuse
    bool knows_window = false;             ///< unread bytes are reported
    bool answers_end = true;               ///< peers close when they have read our end of stream
    std::uint64_t seed = 0;                ///< what is left to luck
};

}  // namespace backends::testing
