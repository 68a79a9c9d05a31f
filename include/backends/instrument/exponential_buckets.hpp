// SPDX-License-Identifier: BSL-1.0
//
// Instrument: base-2 exponential buckets, as OpenTelemetry's data model defines them: bucket i of
// scale s holds the values in (2^(i/2^s), 2^((i+1)/2^s)]. An index is exact: a logarithm would put
// powers of two, and what is beside a boundary, into the wrong bucket.
#pragma once

#include <backends/isa.hpp>

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace backends::inline BACKENDS_ISA {

namespace detail {

/// 2^(j/64) - 1 in units of 2^-63, rounded down. All but the first are irrational, so that no
/// number of 63 binary digits is between one of them and its entry.
inline constexpr std::array<std::uint64_t, 64> sixty_fourths{
    0x0000000000000000, 0x0164d1f3bc030773, 0x02cd8698ac2ba1d7, 0x043a28c3acde4046,
    0x05aac367cc487b14, 0x071f61969e8d1010, 0x08980e8092da8527, 0x0a14d575496efd9a,
    0x0b95c1e3ea8bd6e6, 0x0d1adf5b7e5ba9e5, 0x0ea4398b45cd53c0, 0x1031dc431466b1dc,
    0x11c3d373ab11c336, 0x135a2b2f13e6e92b, 0x14f4efa8fef70961, 0x16942d3720185a00,
    0x1837f0518db8a96f, 0x19e0459320b7fa64, 0x1b8d39b9d54e5538, 0x1d3ed9a72cffb750,
    0x1ef5326091a111ad, 0x20b0510fb9714fc2, 0x227043030c496818, 0x243515ae09e6809e,
    0x25fed6a9b15138ea, 0x27cd93b4e9653569, 0x29a15ab4ea7c0ef8, 0x2b7a39b5a93ed337,
    0x2d583eea42a14ac6, 0x2f3b78ad690a4374, 0x3123f581d2ac258f, 0x3311c412a9112489,
    0x3504f333f9de6484, 0x36fd91e328d17791, 0x38fbaf4762fb9ee9, 0x3aff5ab2133e45fb,
    0x3d08a39f580c36be, 0x3f1799b67a731082, 0x412c4cca66709456, 0x4346ccda24976407,
    0x45672a115506dadd, 0x478d74c8abb9b15c, 0x49b9bd866e2f27a2, 0x4bec14fef2727c5c,
    0x4e248c151f8480e3, 0x506333daef2b2594, 0x52a81d91f12ae45a, 0x54f35aabcfedfa1f,
    0x5744fccad69d6af4, 0x599d15c278afd7b5, 0x5bfbb797daf23755, 0x5e60f4825e0e9123,
    0x60ccdeec2a94e111, 0x633f8972be8a5a51, 0x65b906e77c8348a8, 0x68396a503c4bdc68,
    0x6ac0c6e7dd24392e, 0x6d4f301ed9942b84, 0x6fe4b99bdcdaf5cb, 0x7281773c59ffb139,
    0x75257d152486cc2c, 0x77d0df730ad13bb8, 0x7a83b2db722a033a, 0x7d3e0c0cf486c174,
};

/// Which of an octave's boundaries are below a number, found in its first digits and one
/// comparison: intervals of half a bucket's least width have one boundary at most.
template <int Scale>
struct octave {
    static constexpr std::size_t buckets = std::size_t{1} << Scale;

    std::array<std::uint64_t, buckets + 1> bounds{};  // the last one is never passed
    std::array<std::uint8_t, 2 * buckets> before{};   // boundaries below such an interval

    constexpr octave() noexcept {
        for (std::size_t j = 0; j < buckets; ++j) {
            bounds[j] = sixty_fourths[j * (sixty_fourths.size() / buckets)];
        }
        bounds[buckets] = (std::numeric_limits<std::uint64_t>::max)();
        for (std::size_t t = 1; t < before.size(); ++t) {
            const std::uint64_t start = std::uint64_t{t} << (62 - Scale);
            before[t] = before[t - 1];
            before[t] = static_cast<std::uint8_t>(before[t] + (bounds[before[t]] < start ? 1 : 0));
        }
    }
    /// -1 for a power of two, which is the last of the octave below.
    [[nodiscard]] constexpr int bucket_of(std::uint64_t fraction) const noexcept {
        const int g = before[fraction >> (62 - Scale)];
        return g + (fraction > bounds[static_cast<std::size_t>(g)] ? 1 : 0) - 1;
    }
};
template <int Scale>
inline constexpr octave<Scale> octave_of;

}  // namespace detail

/// @tparam Scale  0 to 6: 2^Scale buckets an octave, each 2^(2^-Scale) times as wide as the one
///                below
template <int Scale>
struct exponential_buckets {
    static_assert(Scale >= 0 && Scale <= 6, "backends: the scale of buckets is 0 to 6");

    static constexpr int per_octave = 1 << Scale;

    /// Precondition: v > 0, a normal number or infinite, which is as 2^1024.
    [[nodiscard]] static constexpr int bucket_of(double v) noexcept {
        const auto bits = std::bit_cast<std::uint64_t>(v);
        return bucket_of(static_cast<int>(bits >> 52U) - 1023, bits << 12U >> 1U);
    }
    /// Exact for all 64 bits. Precondition: v > 0.
    [[nodiscard]] static constexpr int bucket_of(std::uint64_t v) noexcept {
        const int shift = std::countl_zero(v);
        return bucket_of(63 - shift, v << shift & ~(std::uint64_t{1} << 63U));
    }

    /// The greatest value of a bucket, to a double's precision; that of the bucket below is its
    /// least one, which it does not hold.
    [[nodiscard]] static double upper_bound(int i) noexcept { return at(i + 1.0); }
    /// 2^(position / 2^Scale): where in all buckets a value is.
    [[nodiscard]] static double at(double position) noexcept {
        return std::exp2(position / per_octave);
    }

private:
    [[nodiscard]] static constexpr int bucket_of(int exponent, std::uint64_t fraction) noexcept {
        return exponent * per_octave + detail::octave_of<Scale>.bucket_of(fraction);
    }
};

}  // namespace backends
