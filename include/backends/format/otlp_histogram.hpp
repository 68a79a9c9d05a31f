// SPDX-License-Identifier: BSL-1.0
//
// A histogram in OpenTelemetry's protocol: a metric with one data point of an exponential
// histogram, the temporality delta. Field numbers are those of opentelemetry-proto's
// metrics/v1/metrics.proto.
#pragma once

#include <backends/core/time.hpp>
#include <backends/format/grammar.hpp>
#include <backends/format/histogram_record.hpp>
#include <backends/format/length_prefix.hpp>
#include <backends/format/message.hpp>
#include <backends/number/digits.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace backends::inline BACKENDS_ISA {

/// `{1: name, 10: {1: point, 2: delta}}` as field 2 of its scope. Models histogram_record.
struct otlp_histogram {
    static constexpr auto name =
        field::message<1>(field::chart, lit<".">, field::dimension);     ///< of a struct's member
    static constexpr auto chart_name = field::message<1>(field::chart);  ///< of a chart by itself
    static constexpr auto labels = field::attributes<1>;                 ///< the chart's

    /// A count takes ten bytes at most, everything else besides name and labels 110.
    static constexpr std::size_t longest(std::size_t text, std::size_t buckets) noexcept {
        return text + 110 + 10 * buckets;
    }

    /// Backwards, since a message begins with its length. What is 0 or not known is left out, as
    /// Protocol Buffers have it. Some 1,500 instructions for 80 buckets.
    static char* write_before(char* const end, std::string_view of_name, std::string_view of_labels,
                              const histogram_point& of) noexcept {
        char* p = end;
        *--p = 1;  // aggregation_temporality: delta
        *--p = tag(2, varint);
        const char* const point_end = p;
        p = number(p, 14, of.threshold);
        p = number(p, 13, of.greatest);
        p = number(p, 12, of.least);
        if (!of.buckets.empty()) {
            p = buckets(p, of);
        }
        p = fixed(p, 7, of.below);
        p = signed_field(p, 6, of.scale);
        p = number(p, 5, of.sum);
        p = fixed(p, 4, of.count);
        p = fixed(p, 3, nanoseconds_of(of.end));
        p = fixed(p, 2, nanoseconds_of(of.begin));
        p = bytes(p, of_labels);
        p = message(p, 1, point_end);
        p = message(p, 10, end);
        p = bytes(p, of_name);
        return message(p, 2, end);
    }

private:
    static constexpr unsigned varint = 0;
    static constexpr unsigned eight_bytes = 1;

    static constexpr char tag(unsigned field, unsigned wire_type) noexcept {
        return static_cast<char>(field << 3U | wire_type);
    }
    static std::uint64_t nanoseconds_of(unix_seconds at) noexcept {
        return static_cast<std::uint64_t>(at) * 1'000'000'000;
    }
    static char* bytes(char* p, std::string_view text) noexcept {
        p -= text.size();
        text.copy(p, text.size());
        return p;
    }
    /// The length and the tag of what stands between p and `end`.
    static char* message(char* p, unsigned field, const char* end) noexcept {
        p = detail::put_varint_before(p, static_cast<std::size_t>(end - p));
        *--p = tag(field, 2);
        return p;
    }
    static char* fixed(char* p, unsigned field, std::uint64_t word) noexcept {
        if (word == 0) {
            return p;
        }
        detail::store_8(p - 8, word);
        *(p - 9) = tag(field, eight_bytes);
        return p - 9;
    }
    static char* number(char* p, unsigned field, double v) noexcept {
        if (v != v) {
            return p;
        }
        detail::store_8(p - 8, std::bit_cast<std::uint64_t>(v));
        *(p - 9) = tag(field, eight_bytes);
        return p - 9;
    }
    static char* signed_field(char* p, unsigned field, int v) noexcept {
        if (v == 0) {
            return p;
        }
        const auto word = static_cast<std::uint32_t>(v);
        p = detail::put_varint_before(p, word << 1U ^ (v < 0 ? ~std::uint32_t{0} : 0U));
        *--p = tag(field, varint);
        return p;
    }
    static char* buckets(char* p, const histogram_point& of) noexcept {
        const char* const end = p;
        for (std::size_t i = of.buckets.size(); i != 0; --i) {
            const std::uint64_t n = of.buckets[i - 1];
            if (n < 0x80) {
                *--p = static_cast<char>(n);
            } else {
                p = detail::put_varint_before(p, n);
            }
        }
        p = message(p, 2, end);
        p = signed_field(p, 1, of.first);
        return message(p, 8, end);
    }
};
static_assert(histogram_record<otlp_histogram>);

}  // namespace backends
