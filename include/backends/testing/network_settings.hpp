// SPDX-License-Identifier: BSL-1.0
//
// Testing. The settings of a simulated network, and the behaviours of its destinations.
#pragma once

#include <backends/isa.hpp>

#include <cstddef>
#include <cstdint>

namespace backends::inline BACKENDS_ISA::testing {

/// The outcome of a destination's look-up. simulated_network::answer() ends a `late` one.
enum class lookup : std::uint8_t { answers, fails, hangs, late, empty, many };
inline constexpr unsigned lookup_kinds = 6;  ///< how many there are
/// The outcome of a connect. `away` is a proxy without its receiver: it accepts, takes some bytes,
/// and resets a little later. `flaky` ends every second connection like that, or at once, at
/// random.
enum class reach : std::uint8_t { accepts, refuses, silent, late, closes, resets, away, flaky };
inline constexpr unsigned reach_kinds = 8;  ///< how many there are

inline constexpr std::size_t max_destinations = 4;  ///< of a network

/// The settings of a network.
struct network_settings {
    std::size_t send_buffer = 256;         ///< of our kernel
    std::size_t receive_buffer = 256;      ///< of the peer's
    std::size_t largest_write = SIZE_MAX;  ///< that our kernel takes at once
    std::size_t endpoints = 1;             ///< addresses of each destination
    std::size_t dead_endpoints = 0;        ///< of these, so many refuse, from the first on
    bool knows_window = false;             ///< whether the transport reports unread bytes
    bool answers_end = true;               ///< peers close when they have read our end of stream
    unsigned refuse_every = 0;             ///< programs that answer refuse one line of so many
    std::uint64_t seed = 0;                ///< for all random choices
};

}  // namespace backends::testing
