// SPDX-License-Identifier: BSL-1.0
//
// The two that are compared, with the same interface: `original`, the baseline, and `ours`, the
// library's cycle. Both are recorded into and then asked for the lines of what is new, so that no
// tick is like the last one.
#pragma once

#include <backends/bench/library_cycle.hpp>
#include <backends/bench/workload.hpp>
#include <backends/cell/float_cell.hpp>
#include <backends/cell/packed_cell.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/format/influx_lines.hpp>
#include <backends/format/json_plaintext.hpp>
#include <backends/format/opentsdb_telnet.hpp>
#include <backends/format/otlp_http.hpp>
#include <backends/format/prometheus_remote_write.hpp>
#include <backends/source/average.hpp>
#include <backends/source/sum.hpp>

#include "baseline/exporter.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

using namespace backends::bench;

// --- the names that benchmarks are called by

template <class T>
inline constexpr std::string_view name_of = T::name;
template <>
inline constexpr std::string_view name_of<backends::as_collected> = "as_collected";
template <>
inline constexpr std::string_view name_of<backends::prometheus_remote_write> = "remote_write";
template <>
inline constexpr std::string_view name_of<backends::otlp_http> = "otlp";
template <>
inline constexpr std::string_view name_of<backends::double_cell> = "double";
template <>
inline constexpr std::string_view name_of<backends::float_cell> = "float";
template <>
inline constexpr std::string_view name_of<backends::packed_cell> = "packed";

template <class... T>
struct types {
    /// Calls f.template operator()<T>() for each.
    template <class F>
    static void each(F&& f) {
        (f.template operator()<T>(), ...);
    }
};

using cells = types<backends::double_cell, backends::packed_cell, backends::float_cell>;
using sources = types<backends::average, backends::sum, backends::as_collected>;
using formats =
    types<backends::graphite_plaintext, backends::opentsdb_telnet, backends::json_plaintext>;

/// Records without digits.
using binary_formats = types<backends::prometheus_remote_write, backends::otlp_http>;

/// Calls f.template operator()<Source, Format>() for the nine combinations.
template <class F>
void each_combination(F&& f) {
    sources::each([&]<class Source>() {
        formats::each([&]<class Format>() { f.template operator()<Source, Format>(); });
    });
}

/// The library's.
template <class Cell, class Source, class Format>
using ours = library_cycle<Cell, Source, Format>;

// --- the original

template <class Source>
constexpr baseline::source baseline_source() noexcept {
    return std::same_as<Source, backends::average> ? baseline::source::average
           : std::same_as<Source, backends::sum>   ? baseline::source::sum
                                                   : baseline::source::as_collected;
}
template <class Format>
constexpr baseline::format baseline_format() noexcept {
    return std::same_as<Format, backends::graphite_plaintext> ? baseline::format::graphite
           : std::same_as<Format, backends::opentsdb_telnet>  ? baseline::format::opentsdb
                                                              : baseline::format::json;
}

template <class Source, class Format>
class original {
public:
    explicit original(std::size_t series) {
        std::vector<std::string> dimensions;
        for (std::size_t d = 0; d < chart_width; ++d) {
            dimensions.push_back(dimension_id(d));
        }
        for (std::size_t c = 0; c < series / chart_width; ++c) {
            baseline::add_chart(host_, chart_id(c), dimensions, ring_slots);
        }
        record(ring_slots + ring_slots / 2);
        tick();
    }

    void record(std::size_t slots) noexcept {
        for (std::size_t n = 0; n < slots; ++n) {
            ++now_;
            std::size_t series = 0;
            for (baseline::chart& chart : host_.charts) {
                for (baseline::dimension& d : chart.dimensions) {
                    record_one(chart, d, series++);
                }
                baseline::advance(chart, now_);
            }
        }
    }

    output tick() {
        buffer_.clear();
        const std::size_t lines = baseline::print_lines(
            host_, baseline_source<Source>(), baseline_format<Format>(), last_, now_, buffer_);
        last_ = now_;
        return {lines, buffer_.text().size()};
    }
    output tick_after(std::size_t slots) {
        record(slots);
        return tick();
    }
    /// The lines of the last tick.
    [[nodiscard]] std::string_view text() const noexcept { return buffer_.text(); }
    [[nodiscard]] const baseline::host& host() const noexcept { return host_; }
    [[nodiscard]] std::int64_t now() const noexcept { return now_; }

private:
    void record_one(const baseline::chart& chart, baseline::dimension& d,
                    std::size_t series) const noexcept {
        const std::int32_t thousandths = the_samples()(series, now_);
        if (thousandths == samples::missing) {
            baseline::store_gap(chart, d);
        } else if constexpr (std::same_as<Source, backends::as_collected>) {
            baseline::collect(d, now_, thousandths);
        } else {
            baseline::store(chart, d, now_, thousandths / 1000.0);
        }
    }

    baseline::host host_{prefix, hostname, {}};
    std::int64_t now_ = start_time;
    std::int64_t last_ = 0;
    baseline::growing_buffer buffer_;
};

}  // namespace bench
