// SPDX-License-Identifier: BSL-1.0
//
// Peers: what one would use instead of the library, on the same series. A peer does what it is made
// for and no more, so the work differs; docs/performance.md says how. Names are
// peer/<name>/<stage>..., items as in the library's own benchmarks of that stage.
#pragma once

#include "../benches.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace bench::peers {

void add_standard_peers();
void add_boost_peers();
void add_fmt_peers();         // where fmt was found
void add_prometheus_peers();  // where prometheus-cpp was found

using row = std::array<double, chart_width>;

/// `store(values)` records a row; every row differs from the last one. Items are samples.
template <class Store>
void measure_recording(benchmark::State& state, Store store) {
    row values{1.5, 2.25, 3.125, 4, 5, 6.5, 7, 8.75, 9, 10};
    for (auto _ : state) {
        values[0] += 1;
        benchmark::DoNotOptimize(values);
        store(values);
        benchmark::ClobberMemory();
    }
    set_items(state, static_cast<std::size_t>(state.iterations()) * chart_width);
}

/// A sample, or NaN where there is none.
inline double sample(std::size_t series, std::int64_t at) noexcept {
    const std::int32_t thousandths = the_samples()(series, at);
    return thousandths == samples::missing ? std::numeric_limits<double>::quiet_NaN()
                                           : thousandths / 1000.0;
}

/// Rings of doubles as one writes them down without a library: a row per second, NaN where nothing
/// came, the average of a series by a loop.
class plain_rings {
public:
    explicit plain_rings(std::size_t series) : series_{series}, cells_(series * ring_slots) {
        for (std::size_t i = 0; i < series; ++i) {
            names_.push_back(std::string{prefix} + "." + hostname + "." +
                             chart_id(i / chart_width) + "." + dimension_id(i % chart_width));
        }
        record(ring_slots);
    }
    void record(std::size_t slots) noexcept {
        for (std::size_t n = 0; n < slots; ++n) {
            ++now_;
            const std::size_t slot = static_cast<std::size_t>(now_) % ring_slots;
            for (std::size_t i = 0; i < series_; ++i) {
                cells_[i * ring_slots + slot] = sample(i, now_);
            }
        }
    }
    [[nodiscard]] double average(std::size_t series, std::size_t window) const noexcept {
        double total = 0;
        double count = 0;
        for (std::size_t n = 0; n < window; ++n) {
            const std::size_t slot = (static_cast<std::size_t>(now_) - n) % ring_slots;
            const double v = cells_[series * ring_slots + slot];
            if (!std::isnan(v)) {
                total += v;
                count += 1;
            }
        }
        return total / count;
    }
    [[nodiscard]] std::size_t series() const noexcept { return series_; }
    [[nodiscard]] const std::string& name(std::size_t series) const noexcept {
        return names_[series];
    }
    [[nodiscard]] std::int64_t now() const noexcept { return now_; }

private:
    std::size_t series_;
    std::int64_t now_ = start_time;
    std::vector<double> cells_;
    std::vector<std::string> names_;
};

/// Averages of ten samples as graphite lines; `write(out, end, name, value, now)` returns the
/// line's end. Items are lines.
template <class Write>
void measure_tick(benchmark::State& state, std::size_t series, Write write) {
    constexpr std::size_t window = 10;
    auto& rings = kept<plain_rings>(series);
    std::vector<char> text(std::size_t{64} << 10);
    timed_runs ticks;
    for (auto _ : state) {
        state.PauseTiming();
        rings.record(window);
        state.ResumeTiming();
        ticks([&] {
            char* out = text.data();
            char* const last = out + text.size() - 512;
            for (std::size_t i = 0; i < series; ++i) {
                out = write(out, out + 512, rings.name(i), rings.average(i, window), rings.now());
                out = out > last ? text.data() : out;
            }
            benchmark::ClobberMemory();
            return series;
        });
    }
    state.counters["least_ns"] = ticks.least_ns();
    set_items(state, static_cast<std::size_t>(state.iterations()) * series);
}

template <class Write>
void add_tick(const std::string& name, Write write) {
    for (const std::size_t series : {1'000UL, 100'000UL}) {
        benchmark::RegisterBenchmark(
            sized("peer/" + name + "/tick/graphite", series, 10).c_str(),
            [=](benchmark::State& state) { measure_tick(state, series, write); });
    }
}

/// Values of 0 to 1,000 with all their digits as text with seven decimals. Items are numbers.
template <class Write>
void add_number(const std::string& name, Write write) {
    benchmark::RegisterBenchmark(
        ("peer/" + name + "/number").c_str(), [=](benchmark::State& state) {
            std::vector<double> values;
            for (std::size_t i = 0; i < 1024; ++i) {
                values.push_back(1000 *
                                 std::fmod(static_cast<double>(i + 1) * 0.6180339887498949, 1.0));
            }
            std::array<char, 512> text;
            for (auto _ : state) {
                for (const double v : values) {
                    benchmark::DoNotOptimize(write(text.data(), text.data() + text.size(), v));
                }
                benchmark::ClobberMemory();
            }
            set_items(state, static_cast<std::size_t>(state.iterations()) * values.size());
        });
}

}  // namespace bench::peers
