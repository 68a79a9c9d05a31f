// SPDX-License-Identifier: BSL-1.0
//
// The guarantees of an exporter, as one struct of types. Derive from it and replace the members
// that should differ:
//
//     struct careful : backends::default_policies {
//         using confirmation = backends::confirm::epoch<>;
//     };
#pragma once

#include <backends/delivery/backoff.hpp>
#include <backends/delivery/confirmation.hpp>
#include <backends/delivery/random.hpp>
#include <backends/driver/clock.hpp>
#include <backends/driver/event_log.hpp>
#include <backends/format/safe_name.hpp>
#include <backends/instrument/quantiles.hpp>
#include <backends/queue/overflow.hpp>
#include <backends/spool/spool.hpp>

#include <concepts>
#include <cstdint>

namespace backends::inline BACKENDS_ISA {

/// The policies of an exporter that names no others; derive from it to replace some.
struct default_policies {
    using confirmation = confirm::acked;  ///< when a line counts as delivered
    using overflow = drop_oldest;         ///< which lines go when the queue is full
    using backoff = full_jitter;          ///< the delay after every destination has failed
    using random = split_mix;             ///< for the back-off
    using clock = system_clock;           ///< schedules and stamps
    using observer = event_log<>;         ///< hooks; this one logs to standard error
    using names = replace;                ///< the rule for bytes that a format cannot express
    using spool = no_spool;               ///< whether lines outlive the process
    using quantiles = backends::quantiles<50, 95, 99>;  ///< the lines of a histogram
};

namespace detail {
/// Exporters that lost the same receiver must not all come back at the same instant, so each has a
/// seed of its own: its address and the time of its construction.
template <class Policies>
typename Policies::random seeded_random(const void* self) noexcept {
    using random = typename Policies::random;
    if constexpr (std::constructible_from<random, std::uint64_t>) {
        return random{static_cast<std::uint64_t>(Policies::clock::steady_now().ns) ^
                      reinterpret_cast<std::uintptr_t>(self)};
    } else {
        return random{};
    }
}
}  // namespace detail

}  // namespace backends
