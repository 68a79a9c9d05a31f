// SPDX-License-Identifier: BSL-1.0
//
// Instrument: quantiles of what a histogram has counted.
#pragma once

#include <backends/isa.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace backends::inline BACKENDS_ISA {

/// @tparam Ps  ascending: percent from 1 to 99, or digits after the point: 999 is 0.999
///
/// A quantile q is in the first bucket up to which q * count values are, at the place that its rank
/// has among the bucket's values, as though they filled the buckets of a higher resolution evenly.
/// This is how Prometheus interpolates native histograms with exponential buckets
/// (prometheus.io/docs/prometheus/latest/querying/functions/, `histogram_quantile`). The exact one
/// is in the same bucket, so that the error is a bucket's width at most: at scale 3 from 8.3 % too
/// small to 9.1 % too great. Outside of the buckets it is linear between the last boundary and the
/// least or greatest value.
template <unsigned... Ps>
struct quantiles {
    static constexpr std::size_t size = sizeof...(Ps);
    /// "50" for the median.
    static constexpr std::array<unsigned, size> digits{Ps...};

    /// 0 < q < 1.
    static constexpr std::array<double, size> values = [] {
        std::array<double, size> all{};
        for (std::size_t i = 0; i < size; ++i) {
            double whole = 100;
            while (whole <= digits[i]) {
                whole *= 10;
            }
            all[i] = digits[i] / whole;
        }
        return all;
    }();
    static_assert(size != 0 && ((Ps != 0 && (Ps < 100 || Ps % 10 != 0)) && ...),
                  "backends: a quantile is 1 to 99 percent, or digits after the point, as 999");
    static_assert(
        [] {
            for (std::size_t i = 1; i < size; ++i) {
                if (values[i] <= values[i - 1]) {
                    return false;
                }
            }
            return true;
        }(),
        "backends: quantiles are ascending");

    /// One walk over the buckets. NaN where nothing was counted.
    ///
    /// @param from  bucket_counts, or what has its members
    template <class Counts>
    [[nodiscard]] static std::array<double, size> of(const Counts& from) noexcept {
        std::array<double, size> found{};
        found.fill(std::numeric_limits<double>::quiet_NaN());
        const std::uint64_t all = from.count();
        const auto rank = [all](std::size_t k) noexcept {
            return values[k] * static_cast<double>(all);
        };
        // The first whole number of values that has the rank.
        const auto needed = [&](std::size_t k) noexcept {
            return k == size ? (std::numeric_limits<std::uint64_t>::max)()
                             : static_cast<std::uint64_t>(__builtin_ceil(rank(k)));
        };
        // Finds those from the k-th on that are among the next n values: of bucket i, or of those
        // below or above all. Not inlined: the walk mostly passes by.
        constexpr std::size_t below = SIZE_MAX;
        const auto reach = [&](std::size_t k, std::uint64_t passed, std::uint64_t n,
                               std::size_t i) __attribute__((noinline)) {
            for (; passed + n >= needed(k); ++k) {
                const double part =
                    (rank(k) - static_cast<double>(passed)) / static_cast<double>(n);
                const double v = i == below       ? linear(from.least, from.lower_bound(0), part)
                                 : i == from.size ? linear(from.lower_bound(i), from.greatest, part)
                                                  : from.value_at(i, part);
                found[k] = v < from.least ? from.least : v > from.greatest ? from.greatest : v;
            }
            return k;
        };
        std::uint64_t passed = 0;
        std::size_t k = all == 0 ? size : 0;
        std::uint64_t next = needed(k);
        const auto pass = [&](std::uint64_t n, std::size_t i) noexcept {
            if (passed + n >= next) {
                k = reach(k, passed, n, i);
                next = needed(k);
            }
            passed += n;
        };
        pass(from.below, below);
        for (std::size_t i = 0; i < from.size; ++i) {
            pass(from.in_bucket[i], i);
        }
        pass(from.above, from.size);
        return found;
    }

private:
    /// One end may be infinite, or not be known yet. These functions are those of <cmath>.
    static double linear(double from, double to, double part) noexcept {
        if (!__builtin_isfinite(from) || !__builtin_isfinite(to)) {
            return __builtin_isnan(from)                          ? to
                   : __builtin_isnan(to) || __builtin_isinf(from) ? from
                                                                  : to;
        }
        return from + (to - from) * part;
    }
};

namespace detail {
template <class T>
inline constexpr bool is_quantiles = false;
template <unsigned... Ps>
inline constexpr bool is_quantiles<quantiles<Ps...>> = true;
}  // namespace detail

}  // namespace backends
