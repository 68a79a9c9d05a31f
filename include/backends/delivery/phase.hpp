// SPDX-License-Identifier: BSL-1.0
//
// Delivery stage. The phases of the delivery machine, and the table of all its transitions. A test
// compares the table with the transitions that the simulation sees.
#pragma once

#include <backends/isa.hpp>

#include <cstddef>
#include <cstdint>

namespace backends::inline BACKENDS_ISA {

/// The machine's phase.
enum class delivery_phase : std::uint8_t {
    idle,        ///< not connected; looks up the destination as soon as there is a line
    waiting,     ///< not connected, and not before a time: a back-off, or a pause between two uses
    resolving,   ///< looking up a destination's name
    connecting,  ///< trying one of its addresses
    open,        ///< connected
    ending,      ///< our side is closed; the peer's end of stream is awaited
    stopped,     ///< for good
};
/// How many there are.
inline constexpr std::size_t delivery_phases = 7;

/// The enumerator's name.
constexpr const char* to_string(delivery_phase phase) noexcept {
    switch (phase) {
        case delivery_phase::idle: return "idle";
        case delivery_phase::waiting: return "waiting";
        case delivery_phase::resolving: return "resolving";
        case delivery_phase::connecting: return "connecting";
        case delivery_phase::open: return "open";
        case delivery_phase::ending: return "ending";
        case delivery_phase::stopped: return "stopped";
    }
    return "?";
}

namespace detail {

/// One row of the table.
struct delivery_transition {
    delivery_phase from;
    delivery_phase to;
    const char* event;   ///< what has happened
    const char* action;  ///< what the driver is told; empty: nothing
};

/// Every transition of the machine. The next destination is the next in the list, at once; after
/// the last the machine waits for the back-off and starts again with the first. A connection was of
/// use when it confirmed a line, or when there was none.
//! [transitions]
inline constexpr delivery_transition delivery_transitions[] = {
    {delivery_phase::idle, delivery_phase::resolving, "a line is queued", "resolve"},
    {delivery_phase::waiting, delivery_phase::idle, "the wait is over", ""},

    {delivery_phase::resolving, delivery_phase::connecting, "the name has addresses", "connect"},
    {delivery_phase::resolving, delivery_phase::idle, "look-up failed, next destination", "close"},
    {delivery_phase::resolving, delivery_phase::waiting, "look-up failed, the last one", "close"},

    {delivery_phase::connecting, delivery_phase::open, "connected", ""},
    {delivery_phase::connecting, delivery_phase::connecting, "failed, next address", "connect"},
    {delivery_phase::connecting, delivery_phase::idle, "failed, next destination", "close"},
    {delivery_phase::connecting, delivery_phase::waiting, "failed, the last one", "close"},

    {delivery_phase::open, delivery_phase::ending, "the level, a stop or renew_every ends it",
     "half_close"},
    {delivery_phase::open, delivery_phase::waiting, "lost after use, or at the last one", "close"},
    {delivery_phase::open, delivery_phase::idle, "lost or stalled, next destination", "close"},

    {delivery_phase::ending, delivery_phase::idle, "the peer has read all, or next destination",
     "close"},
    {delivery_phase::ending, delivery_phase::waiting, "lost, or renew_every is over", "close"},

    {delivery_phase::idle, delivery_phase::stopped, "a stop, and nothing is left", ""},
    {delivery_phase::waiting, delivery_phase::stopped, "a stop's deadline", ""},
    {delivery_phase::resolving, delivery_phase::stopped, "a stop's deadline", "close"},
    {delivery_phase::connecting, delivery_phase::stopped, "a stop's deadline", "close"},
    {delivery_phase::open, delivery_phase::stopped, "a stop's deadline", "close"},
    {delivery_phase::ending, delivery_phase::stopped, "a stop's deadline", "close"},
};
//! [transitions]

/// The bit of a transition in delivery::transitions().
constexpr std::uint64_t transition_bit(delivery_phase from, delivery_phase to) noexcept {
    return std::uint64_t{1} << (static_cast<unsigned>(from) * delivery_phases +
                                static_cast<unsigned>(to));
}

}  // namespace detail
}  // namespace backends
