// SPDX-License-Identifier: BSL-1.0
//
// Testing. The promises of confirmation levels, in a form that a simulated network can check, and a
// witness's other settings.
#pragma once

#include <backends/delivery/confirmation.hpp>
#include <backends/testing/simulated_link.hpp>
#include <backends/testing/verdict.hpp>

#include <algorithm>
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

/// The same over a transport that proves this much. Where it proves nothing every level is held to
/// the weakest promise: a peer that has just closed answers bytes that it never read with its end
/// of stream. Where the program answers, it has read what it acknowledged.
template <class Confirmation, evidence Proves>
inline constexpr promise promise_over =
    Proves == evidence::none ? promise::written
    : Proves == evidence::application && promise_of<Confirmation> == promise::acknowledged
        ? promise::read
        : promise_of<Confirmation>;

/// What a witness may expect of lines and connections.
struct witness_settings {
    promise level = promise::acknowledged;  ///< what to hold confirmed lines to
    bool counts_unacked = true;             ///< whether the transport can count
    unsigned refuse_every = 0;              ///< the peer's program refuses one line of so many
    std::size_t holds = 0;                  ///< acknowledged bytes that the level may keep
    std::size_t replays = 0;                ///< bytes that it always keeps
    unsigned poison_limit = 3;              ///< of the machine's options
    std::uint64_t poison = UINT64_MAX;      ///< the number of the line that kills its reader
    bool poison_on_arrival = false;         ///< see fatal_bytes::on_arrival
};

/// D3: a line that ends at this offset of the connection may count as confirmed.
inline void check_confirmed(verdict& promises, promise level, std::uint64_t last,
                            const simulated_link& link) noexcept {
    promises.require(last <= link.written, "D3 confirmed before it is written");
    promises.require(level != promise::acknowledged || last <= link.acknowledged,
                     "D3 a line is confirmed that the peer's kernel does not have");
    promises.require(level != promise::read || last <= link.read,
                     "D3 a line is confirmed that the peer has not read");
    promises.require(!link.program_answers || level != promise::read ||
                         last <= link.answers.heard() || link.peer_ended,
                     "D3 a line is confirmed that the peer has not answered");
}

/// D3: so many confirmed bytes of a connection that is over may be lost.
inline void check_lost(verdict& promises, const witness_settings& settings, std::uint64_t lost,
                       const simulated_link& link) noexcept {
    promises.require(
        lost == 0 || link.died || (link.peer_closed && settings.level == promise::written),
        "D3 lines are lost and no peer died");
    promises.require(
        settings.level != promise::acknowledged ||
            lost <= link.receive_buffer - (std::min)(link.receive_buffer, settings.replays),
        "D3 more is lost than the peer could hold");
}

}  // namespace backends::testing
