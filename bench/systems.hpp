// SPDX-License-Identifier: BSL-1.0
//
// The two that are compared, with the same interface: `original`, the baseline, and `ours`, the
// library's cycle into a chunk that is used again, as the delivery queue offers it. Both are
// recorded into and then asked for the lines of what is new, so that no tick is like the last one.
#pragma once

#include <backends/cell/float_cell.hpp>
#include <backends/cell/packed_cell.hpp>
#include <backends/core/counters.hpp>
#include <backends/driver/observer.hpp>
#include <backends/exporter/cycle.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/format/json_plaintext.hpp>
#include <backends/format/opentsdb_telnet.hpp>
#include <backends/source/average.hpp>
#include <backends/source/sum.hpp>
#include <backends/storage/host.hpp>

#include "baseline/exporter.hpp"
#include "workload.hpp"

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

/// Lines of one tick.
struct output {
    std::size_t lines = 0;
    std::size_t bytes = 0;
};

// --- the names that benchmarks are called by

template <class T>
inline constexpr std::string_view name_of = T::name;
template <>
inline constexpr std::string_view name_of<backends::as_collected> = "as_collected";
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

/// Calls f.template operator()<Source, Format>() for the nine combinations.
template <class F>
void each_combination(F&& f) {
    sources::each([&]<class Source>() {
        formats::each([&]<class Format>() { f.template operator()<Source, Format>(); });
    });
}

// --- ours

/// A host of charts that are recorded into second by second.
template <class Cell, class Value>
class charts {
public:
    using host_type = backends::basic_host<Cell, ring_slots>;

    explicit charts(std::size_t series) {
        std::vector<backends::new_dimension> dimensions;
        for (std::size_t d = 0; d < chart_width; ++d) {
            dimensions.emplace_back(dimension_id(d));
        }
        for (std::size_t c = 0; c < series / chart_width; ++c) {
            host_.template add<Value>(chart_id(c), dimensions);
        }
        record(ring_slots + ring_slots / 2);
    }

    void record(std::size_t slots) noexcept {
        for (std::size_t n = 0; n < slots; ++n) {
            ++now_;
            for (std::size_t c = 0; c < host_.size(); ++c) {
                record_row(host_.chart_at(c), c * chart_width);
            }
        }
    }

    [[nodiscard]] std::int64_t now() const noexcept { return now_; }
    [[nodiscard]] host_type& host() noexcept { return host_; }

private:
    void record_row(typename host_type::chart_type& chart, std::size_t first_series) noexcept {
        std::array<std::int32_t, chart_width> thousandths;
        std::array<Value, chart_width> row;
        bool complete = true;
        for (std::size_t d = 0; d < chart_width; ++d) {
            thousandths[d] = the_samples()(first_series + d, now_);
            complete = complete && thousandths[d] != samples::missing;
            row[d] = value_of(thousandths[d]);
        }
        if (complete) {
            static_cast<void>(chart.record(now_, row));
            return;
        }
        for (std::size_t d = 0; d < chart_width; ++d) {
            if (thousandths[d] != samples::missing) {
                chart.set(d, row[d]);
            }
        }
        static_cast<void>(chart.commit(now_));
    }
    static Value value_of(std::int32_t thousandths) noexcept {
        if constexpr (std::integral<Value>) {
            return thousandths;
        } else {
            return thousandths / Value{1000};
        }
    }

    host_type host_{hostname};
    std::int64_t now_ = start_time;
};

/// One chunk of 64 KiB for lines, written from its start again when it is full.
class chunk {
public:
    [[nodiscard]] bool fits(std::size_t n) const noexcept { return n <= bytes_.size(); }
    [[nodiscard]] char* reserve(std::size_t n) noexcept {
        if (n > bytes_.size() - used_) [[unlikely]] {
            used_ = 0;
        }
        return bytes_.data() + used_;
    }
    void commit(std::size_t bytes, std::size_t lines) noexcept {
        used_ += bytes;
        written_.bytes += bytes;
        written_.lines += lines;
    }
    void refuse(std::size_t, std::size_t) noexcept {}
    [[nodiscard]] output written() const noexcept { return written_; }

private:
    std::vector<char> bytes_ = std::vector<char>(std::size_t{64} << 10);
    std::size_t used_ = 0;
    output written_;
};

/// Keeps all lines, for comparing.
class all_lines {
public:
    [[nodiscard]] static bool fits(std::size_t) noexcept { return true; }
    [[nodiscard]] char* reserve(std::size_t n) {
        text_.resize(used_ + n);
        return text_.data() + used_;
    }
    void commit(std::size_t bytes, std::size_t) noexcept { used_ += bytes; }
    void refuse(std::size_t, std::size_t) noexcept {}
    [[nodiscard]] std::string_view text() const noexcept { return {text_.data(), used_}; }

private:
    std::string text_;
    std::size_t used_ = 0;
};

/// As collected exports integers, a reduction what doubles gave.
template <class Source>
using collected_by =
    std::conditional_t<std::same_as<Source, backends::as_collected>, std::int64_t, double>;

template <class Cell, class Source, class Format>
class ours {
    using charts_type = charts<Cell, collected_by<Source>>;

public:
    explicit ours(std::size_t series) : charts_{series} {
        backends::no_observer nobody;
        cycle_.follow(charts_.host(), nobody, count_);
        tick();  // what was recorded so far
    }

    void record(std::size_t slots) noexcept { charts_.record(slots); }
    void settle() noexcept {}

    template <class Lines>
    void tick_into(Lines& lines) noexcept {
        cycle_.run(charts_.now(), lines, count_);
    }
    output tick() noexcept {
        const output before = chunk_.written();
        tick_into(chunk_);
        const output after = chunk_.written();
        return {after.lines - before.lines, after.bytes - before.bytes};
    }

    [[nodiscard]] std::int64_t now() const noexcept { return charts_.now(); }

private:
    charts_type charts_;
    backends::cycle<Source, Format, typename charts_type::host_type> cycle_{
        backends::identity{prefix, hostname, {}}};
    backends::cycle_counters count_;
    chunk chunk_;
};

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
