// SPDX-License-Identifier: BSL-1.0
//
// Delivery stage. Concept random_source, and one model: a small seeded generator. Randomness
// spreads the reconnects of many exporters; the same seed gives the same run.
#pragma once

#include <backends/isa.hpp>

#include <concepts>
#include <cstdint>

namespace backends::inline BACKENDS_ISA {

/// - `source()`  64 unbiased random bits; noexcept, because the machine calls it while connecting
template <class Source>
concept random_source = std::movable<Source> && requires(Source source) {
    { source() } noexcept -> std::same_as<std::uint64_t>;
};

/// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014):
/// 8 bytes of state, any seed, period 2^64. Not for secrets.
class split_mix {
public:
    /// Equal seeds give equal numbers.
    constexpr explicit split_mix(std::uint64_t seed = 0) noexcept : state_{seed} {}

    /// The next 64 bits.
    constexpr std::uint64_t operator()() noexcept {
        state_ += 0x9e3779b97f4a7c15;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }

private:
    std::uint64_t state_;
};

/// A number in [0, bound), or 0 for a bound of 0. Biased by less than bound / 2^64.
template <random_source Source>
constexpr std::uint64_t below(Source& source, std::uint64_t bound) noexcept {
    return bound == 0 ? 0 : source() % bound;
}

}  // namespace backends
