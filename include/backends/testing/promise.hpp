// SPDX-License-Identifier: BSL-1.0
//
// Testing. The promises of confirmation levels, in a form that a simulated network can check, and a
// witness's other settings.
#pragma once

#include <backends/delivery/confirmation.hpp>

#include <cstddef>
#include <cstdint>

namespace backends::inline BACKENDS_ISA::testing {

/// From the weakest to the strongest.
enum class promise : std::uint8_t {
    written,       ///< the transport took it; a dying peer loses all that the kernels held
    acknowledged,  ///< the peer's kernel had it; a dying peer loses what it had not read
    read,          ///< the peer's program had it; nothing is lost
};

/// The promise of a confirmation policy over a transport that can count. Specialise it for your own
/// policy; without that the witness holds it to the weakest promise.
template <class Confirmation>
inline constexpr promise promise_of = promise::written;
template <>
inline constexpr promise promise_of<confirm::acked> = promise::acknowledged;
template <std::size_t Window, std::size_t Most>
inline constexpr promise promise_of<confirm::acked_replay<Window, Most>> = promise::acknowledged;
template <std::size_t Bytes, unsigned Batches>
inline constexpr promise promise_of<confirm::epoch<Bytes, Batches>> = promise::read;

/// What a witness may expect of lines and connections.
struct witness_settings {
    promise level = promise::acknowledged;  ///< what to hold confirmed lines to
    bool counts_unacked = true;             ///< whether the transport can count
    std::size_t holds = 0;                  ///< acknowledged bytes that the level may keep
    std::size_t replays = 0;                ///< bytes that it always keeps
    unsigned poison_limit = 3;              ///< of the machine's options
    std::uint64_t poison = UINT64_MAX;      ///< the number of the line that kills its reader
    bool poison_on_arrival = false;         ///< see fatal_bytes::on_arrival
};

}  // namespace backends::testing
