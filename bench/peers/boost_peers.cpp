// SPDX-License-Identifier: BSL-1.0
//
// Boost as a peer: Accumulators, and a mutex with a circular_buffer of rows.
#include "peers.hpp"

#include <boost/accumulators/accumulators.hpp>
#include <boost/accumulators/statistics/mean.hpp>
#include <boost/accumulators/statistics/rolling_mean.hpp>
#include <boost/accumulators/statistics/stats.hpp>
#include <boost/circular_buffer.hpp>

#include <mutex>

namespace bench::peers {

namespace {

namespace acc = boost::accumulators;
constexpr std::size_t window = 10;

struct kept_row {
    std::int64_t at;
    row values;
};
using kept_rows = boost::circular_buffer<kept_row>;

/// Means of the last ten samples, kept up to date while recording: no gaps, no window of choice.
void record_rolling_means(benchmark::State& state) {
    using rolling = acc::accumulator_set<double, acc::stats<acc::tag::rolling_mean>>;
    std::vector<rolling> means(chart_width,
                               rolling{acc::tag::rolling_window::window_size = window});
    measure_recording(state, [&](const row& values) {
        for (std::size_t i = 0; i < chart_width; ++i) {
            means[i](values[i]);
        }
    });
}

void record_under_a_mutex(benchmark::State& state) {
    std::mutex mutex;
    kept_rows kept(3600);
    std::int64_t at = start_time;
    measure_recording(state, [&](const row& values) {
        const std::lock_guard lock{mutex};
        kept.push_back({++at, values});
    });
}

/// One chart's window of rows to ten means. Items are samples.
template <class Reduce>
void reduce_rows(benchmark::State& state, Reduce reduce) {
    std::mutex mutex;
    kept_rows kept(ring_slots);
    for (std::size_t n = 0; n < ring_slots + window / 2; ++n) {  // the window wraps
        const std::int64_t at = start_time + static_cast<std::int64_t>(n);
        kept_row one{at, {}};
        for (std::size_t i = 0; i < chart_width; ++i) {
            one.values[i] = sample(i, at);
        }
        kept.push_back(one);
    }
    for (auto _ : state) {
        const std::lock_guard lock{mutex};
        reduce(kept);
    }
    set_items(state, static_cast<std::size_t>(state.iterations()) * chart_width * window);
}

void accumulate(const kept_rows& kept) {
    using mean = acc::accumulator_set<double, acc::stats<acc::tag::mean>>;
    std::array<mean, chart_width> means;
    for (auto one = kept.end() - window; one != kept.end(); ++one) {
        for (std::size_t i = 0; i < chart_width; ++i) {
            if (!std::isnan(one->values[i])) {
                means[i](one->values[i]);
            }
        }
    }
    for (const mean& m : means) {
        benchmark::DoNotOptimize(acc::mean(m));
    }
}

void add_up(const kept_rows& kept) {
    row totals{};
    row counts{};
    for (auto one = kept.end() - window; one != kept.end(); ++one) {
        for (std::size_t i = 0; i < chart_width; ++i) {
            if (!std::isnan(one->values[i])) {
                totals[i] += one->values[i];
                counts[i] += 1;
            }
        }
    }
    for (std::size_t i = 0; i < chart_width; ++i) {
        benchmark::DoNotOptimize(totals[i] / counts[i]);
    }
}

}  // namespace

void add_boost_peers() {
    benchmark::RegisterBenchmark("peer/boost_accumulators/record/rolling_mean",
                                 record_rolling_means);
    benchmark::RegisterBenchmark("peer/boost_accumulators/reduce/mean/window:10",
                                 [](benchmark::State& state) { reduce_rows(state, accumulate); });
    benchmark::RegisterBenchmark("peer/mutex_circular_buffer/record/row", record_under_a_mutex);
    benchmark::RegisterBenchmark("peer/mutex_circular_buffer/reduce/mean/window:10",
                                 [](benchmark::State& state) { reduce_rows(state, add_up); });
}

}  // namespace bench::peers
