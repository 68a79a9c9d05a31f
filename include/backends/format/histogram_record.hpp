// SPDX-License-Identifier: BSL-1.0
//
// What a format with native histograms declares: the record of a whole window of one, instead of
// lines of its quantiles. Model: otlp_histogram.
#pragma once

#include <backends/core/time.hpp>
#include <backends/isa.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

namespace backends::inline BACKENDS_ISA {

/// What was recorded into a histogram in one window. A number that is NaN is not known.
struct histogram_point {
    unix_seconds begin = 0;     ///< the window's; 0: not known
    unix_seconds end = 0;       ///< the record's time
    std::uint64_t count = 0;    ///< of all values, which is never 0
    double sum = unknown;       ///< of them; not known where some may be negative
    double least = unknown;     ///< at most a bucket too small, within the buckets
    double greatest = unknown;  ///< at most a bucket too great, within the buckets
    int scale = 0;              ///< 2^scale buckets an octave
    std::uint64_t below = 0;    ///< values up to `threshold`
    double threshold = 0;       ///< where the first bucket of the histogram begins
    int first = 0;              ///< index of the first bucket in `buckets`: see exponential_buckets
    std::span<const std::uint64_t> buckets = {};  ///< counts; the first and last are not 0

    static constexpr double unknown = std::numeric_limits<double>::quiet_NaN();  ///< not a number
};

/// The record of a histogram in a format of binary records. Every member is static:
/// - `name` and `chart_name`, constants: the field::message() that names the series by chart and
///   dimension, and the one for a histogram that is a chart by itself;
/// - `labels`, a constant: its field::attributes or field::labels();
/// - `longest(text, buckets)`, noexcept: the bytes of the longest record with so many bytes of name
///   and labels and so many buckets;
/// - `write_before(end, name, labels, point)`, noexcept: writes the record up to `end` and returns
///   where it begins; `name` and `labels` are the bytes of these fields, made once a series. Before
///   `end` are longest() bytes. The record must not depend on what stands there.
template <class R>
concept histogram_record =
    requires(char* end, std::string_view text, std::size_t n, const histogram_point& point) {
        R::name;
        R::chart_name;
        R::labels;
        { R::longest(n, n) } noexcept -> std::same_as<std::size_t>;
        { R::write_before(end, text, text, point) } noexcept -> std::same_as<char*>;
    };

}  // namespace backends
