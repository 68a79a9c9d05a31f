// SPDX-License-Identifier: BSL-1.0
//
// Testing. What a confirmation level promises of a line that counts as delivered, in words that a
// simulated network can check, and what else a witness must know beforehand.
#pragma once

#include <backends/delivery/confirmation.hpp>

#include <cstddef>
#include <cstdint>

namespace backends::inline BACKENDS_ISA::testing {

/// From the weakest to the strongest.
enum class promise : std::uint8_t {
    written,       ///< the transport took it; lost is what the kernels held when the peer died
    acknowledged,  ///< the peer's kernel had it; lost is what the peer had not read when it died
    read,          ///< the peer's program had it; nothing is lost
};

/// What a confirmation policy promises over a transport that can count. Specialise it for a policy
/// of your own; without that it is held to the weakest promise.
template <class Confirmation>
inline constexpr promise promise_of = promise::written;
template <>
inline constexpr promise promise_of<confirm::acked> = promise::acknowledged;
template <std::size_t Window, std::size_t Most>
inline constexpr promise promise_of<confirm::acked_replay<Window, Most>> = promise::acknowledged;
template <std::size_t Bytes, unsigned Batches>
inline constexpr promise promise_of<confirm::epoch<Bytes, Batches>> = promise::read;

/// What is to be expected of lines and of the connections that carry them.
struct witness_settings {
    promise level = promise::acknowledged;
    bool counts_unacked = true;  ///< the transport does
    std::size_t holds = 0;       ///< bytes that the level may keep although acknowledged
    std::size_t replays = 0;     ///< bytes that it always keeps
    unsigned poison_limit = 3;
    std::uint64_t poison = UINT64_MAX;  ///< the number of the line that kills its reader
    bool poison_on_arrival = false;
};

}  // namespace backends::testing
