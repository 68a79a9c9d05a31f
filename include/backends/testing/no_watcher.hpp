// SPDX-License-Identifier: BSL-1.0
//
// Testing. What a simulated network tells of its transport's operations.
#pragma once

#include <backends/core/time.hpp>
#include <backends/testing/simulated_link.hpp>

#include <cstddef>
#include <span>

namespace backends::inline BACKENDS_ISA::testing {

/// A watcher that ignores everything. The network calls a watcher for each event; all are noexcept.
struct no_watcher {
    void before_operation(bool /*is_close*/) noexcept {}  ///< of the transport
    void resolving(std::size_t) noexcept {}               ///< a destination's look-up begins
    void connecting(std::size_t) noexcept {}              ///< a connect to an endpoint begins
    void opened(simulated_link&) noexcept {}              ///< the connection is open
    /// The transport took the first n bytes of `offered`: link.written counts them.
    void wrote(simulated_link&, std::span<const char>, std::size_t) noexcept {}
    void found_no_room(simulated_link&) noexcept {}  ///< a write moved nothing
    void told_not_now(nanoseconds) noexcept {}       ///< the peer takes no lines now
    void half_closed(simulated_link&) noexcept {}    ///< we have ended our direction
    /// We have closed the connection, and the last bytes have arrived.
    void closed(simulated_link&) noexcept {}
};

}  // namespace backends::testing
