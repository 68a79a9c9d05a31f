// SPDX-License-Identifier: BSL-1.0
//
// Instrument: what a histogram has counted, by bucket: all of it, or what is new since a reading.
#pragma once

#include <backends/instrument/exponential_buckets.hpp>
#include <backends/isa.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace backends::inline BACKENDS_ISA {

/// A value; nobody writes it any more.
///
/// @tparam Scale    2^Scale buckets an octave
/// @tparam Buckets  how many there are
/// @tparam Octave   the first one begins after 2^Octave
/// @tparam Sum      of the sum
template <int Scale, int Buckets, int Octave, class Sum>
struct bucket_counts {
    using buckets = exponential_buckets<Scale>;
    static constexpr std::size_t size = static_cast<std::size_t>(Buckets);
    static constexpr int first_index = Octave * buckets::per_octave;

    std::uint64_t below = 0;  ///< values up to 2^Octave, 0 and negative ones among them
    std::array<std::uint64_t, size> in_bucket{};
    std::uint64_t above = 0;         ///< values after the last bucket
    std::uint64_t not_a_number = 0;  ///< NaN: in no bucket, and not in the count
    Sum sum = {};                    ///< integers modulo 2^64
    double least = std::numeric_limits<double>::quiet_NaN();     ///< NaN where the count is 0
    double greatest = std::numeric_limits<double>::quiet_NaN();  ///< NaN where the count is 0

    [[nodiscard]] std::uint64_t count() const noexcept {
        std::uint64_t all = below + above;
        for (const std::uint64_t n : in_bucket) {
            all += n;
        }
        return all;
    }
    /// The boundaries of bucket i: it holds what is greater than the lower one, up to the upper.
    [[nodiscard]] static double lower_bound(std::size_t i) noexcept {
        return buckets::at(first_index + static_cast<double>(i));
    }
    [[nodiscard]] static double upper_bound(std::size_t i) noexcept { return lower_bound(i + 1); }

    /// Where in bucket i a part of its values ends.
    [[nodiscard]] static double value_at(std::size_t i, double part) noexcept {
        return buckets::at(first_index + static_cast<double>(i) + part);
    }

    /// What was recorded after `earlier` was read, exactly. Its least and greatest values are
    /// those of all time, or the outer boundaries of the buckets that it has, if these are tighter.
    [[nodiscard]] bucket_counts since(const bucket_counts& earlier) const noexcept {
        bucket_counts d;
        d.below = below - earlier.below;
        d.above = above - earlier.above;
        d.not_a_number = not_a_number - earlier.not_a_number;
        d.sum = difference(sum, earlier.sum);
        for (std::size_t i = 0; i < size; ++i) {
            d.in_bucket[i] = in_bucket[i] - earlier.in_bucket[i];
        }
        std::size_t end = size;
        while (end != 0 && d.in_bucket[end - 1] == 0) {
            --end;
        }
        std::size_t first = 0;
        while (first < end && d.in_bucket[first] == 0) {
            ++first;
        }
        if (end == 0 && d.below == 0 && d.above == 0) {
            return d;
        }
        const double low = d.below != 0 ? least : lower_bound(first);
        const double high = d.above != 0 ? greatest : lower_bound(end);
        d.least = low > least ? low : least;
        d.greatest = high < greatest ? high : greatest;
        return d;
    }

private:
    static constexpr Sum difference(Sum a, Sum b) noexcept {
        if constexpr (std::numeric_limits<Sum>::is_integer) {
            return static_cast<Sum>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
        } else {
            return a - b;
        }
    }
};

}  // namespace backends
