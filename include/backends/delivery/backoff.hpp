// SPDX-License-Identifier: BSL-1.0
//
// Delivery stage. Concept backoff_policy: how long to wait after every destination has failed.
// Model: full jitter between a floor and a doubling ceiling.
#pragma once

#include <backends/core/extremes.hpp>
#include <backends/core/time.hpp>
#include <backends/delivery/random.hpp>

#include <concepts>
#include <cstdint>

namespace backends::inline BACKENDS_ISA {

/// - `Policy(shortest, longest)`  begins with the bounds of its delays
/// - `next(random)`  the delay before the next round through the destinations
/// - `reset()`  the machine calls it after a confirmed line, and only then
template <class Policy, class Random = split_mix>
concept backoff_policy = random_source<Random> && std::movable<Policy> &&
                         std::constructible_from<Policy, nanoseconds, nanoseconds> &&
                         requires(Policy policy, Random& random) {
                             { policy.next(random) } noexcept -> std::same_as<nanoseconds>;
                             { policy.reset() } noexcept;
                         };

/// The delay is uniform in [shortest, ceiling); the ceiling starts at twice the shortest delay and
/// doubles with every call up to the longest. Exporters that lost the same receiver at the same
/// instant come back spread over the whole interval, not in waves. Source: "full jitter" in
/// M. Brooker, "Exponential Backoff And Jitter", 2015, with a floor added.
class full_jitter {
public:
    constexpr full_jitter(nanoseconds shortest, nanoseconds longest) noexcept
        : shortest_{shortest.value},
          longest_{detail::larger(shortest.value, longest.value)},
          ceiling_{shortest.value} {}

    template <random_source Random>
    constexpr nanoseconds next(Random& random) noexcept {
        ceiling_ = ceiling_ > longest_ / 2 ? longest_ : 2 * ceiling_;
        return nanoseconds{shortest_ +
                           static_cast<std::int64_t>(
                               below(random, static_cast<std::uint64_t>(ceiling_ - shortest_)))};
    }

    constexpr void reset() noexcept { ceiling_ = shortest_; }

private:
    std::int64_t shortest_;
    std::int64_t longest_;
    std::int64_t ceiling_;
};

}  // namespace backends
