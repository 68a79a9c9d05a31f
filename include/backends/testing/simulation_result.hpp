// SPDX-License-Identifier: BSL-1.0
//
// Testing. What a simulated run of a delivery machine gives, and the ways in which a step of it
// fails.
#pragma once

#include <backends/core/counters.hpp>

#include <cstdint>

namespace backends::inline BACKENDS_ISA::testing {

/// The result of a run.
struct simulation_result {
    const char* broken = nullptr;   ///< the first broken promise, or nullptr
    std::uint64_t hash = 0;         ///< of every event; equal for equal schedules
    std::uint64_t read = 0;         ///< lines that peers read, duplicates included
    std::uint64_t duplicates = 0;   ///< of these, the repeated ones
    delivery_counters counters;     ///< the machine's account
    std::uint64_t transitions = 0;  ///< as delivery::transitions()
};

/// How the failing operation fails.
enum class failing : std::uint8_t {
    here,   ///< our own kernel refuses
    there,  ///< the peer's program dies
    ended,  ///< the peer closes; dies instead if it has unread bytes
};

}  // namespace backends::testing
