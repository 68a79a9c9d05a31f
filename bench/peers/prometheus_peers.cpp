// SPDX-License-Identifier: BSL-1.0
//
// prometheus-cpp as a peer: a family per chart, a label per dimension. It keeps the newest value
// alone, so there is nothing to reduce, and writes its own text format without a time.
#include "peers.hpp"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <sstream>

namespace bench::peers {

namespace {

template <class Metric>
class families {
public:
    explicit families(std::size_t series) {
        for (std::size_t c = 0; c < series / chart_width; ++c) {
            std::string name = std::string{prefix} + "_" + chart_id(c);
            for (char& one : name) {
                one = one == '.' ? '_' : one;
            }
            prometheus::Family<Metric>& family = [&]() -> prometheus::Family<Metric>& {
                if constexpr (std::is_same_v<Metric, prometheus::Counter>) {
                    return prometheus::BuildCounter().Name(name).Register(registry_);
                } else {
                    return prometheus::BuildGauge().Name(name).Register(registry_);
                }
            }();
            for (std::size_t d = 0; d < chart_width; ++d) {
                metrics_.push_back(
                    &family.Add({{"host", hostname}, {"dimension", dimension_id(d)}}));
            }
        }
    }
    [[nodiscard]] Metric& metric(std::size_t series) noexcept { return *metrics_[series]; }
    void record(std::int64_t at) noexcept {
        for (std::size_t i = 0; i < metrics_.size(); ++i) {
            metrics_[i]->Set(sample(i, at));
        }
    }
    [[nodiscard]] std::size_t print() {
        std::ostringstream text;
        prometheus::TextSerializer{}.Serialize(text, registry_.Collect());
        return text.str().size();
    }

private:
    prometheus::Registry registry_;
    std::vector<Metric*> metrics_;
};

void count(benchmark::State& state) {
    families<prometheus::Counter> counters{chart_width};
    measure_recording(state, [&](const row& values) {
        for (std::size_t i = 0; i < chart_width; ++i) {
            counters.metric(i).Increment(values[i]);
        }
    });
}

void set(benchmark::State& state) {
    families<prometheus::Gauge> gauges{chart_width};
    measure_recording(state, [&](const row& values) {
        for (std::size_t i = 0; i < chart_width; ++i) {
            gauges.metric(i).Set(values[i]);
        }
    });
}

void print(benchmark::State& state, std::size_t series) {
    auto& gauges = kept<families<prometheus::Gauge>>(series);
    std::int64_t at = start_time;
    std::size_t bytes = 0;
    timed_runs ticks;
    for (auto _ : state) {
        state.PauseTiming();
        gauges.record(++at);
        state.ResumeTiming();
        ticks([&] {
            bytes += gauges.print();
            return series;
        });
    }
    state.counters["least_ns"] = ticks.least_ns();
    set_items(state, static_cast<std::size_t>(state.iterations()) * series, bytes);
}

/// One for all threads of a run, as in instrument_bench.cpp.
template <class Metric, class Event>
void event(benchmark::State& state, Metric& into, Event record) {
    std::uint32_t n = 0;
    for (auto _ : state) {
        record(into, ++n);
        benchmark::ClobberMemory();
    }
    set_items(state, static_cast<std::size_t>(state.iterations()));
}

void add_events() {
    static prometheus::Counter counter;
    static prometheus::Gauge gauge;
    // As many buckets as its users have; ours has 160.
    static prometheus::Histogram histogram{
        prometheus::Histogram::BucketBoundaries{1e1, 1e2, 1e3, 1e4, 1e5, 2.5e5, 5e5, 7.5e5, 1e6}};
    static prometheus::Registry registry;
    static auto& family = prometheus::BuildCounter().Name("http").Register(registry);
    const auto add = [](const char* name, auto run) {
        for (const int threads : {1, 2}) {
            benchmark::RegisterBenchmark(name, run)->Threads(threads);
        }
    };
    add("instrument/prometheus-cpp/counter", [](benchmark::State& state) {
        event(state, counter, [](auto& into, std::uint32_t) { into.Increment(); });
    });
    add("instrument/prometheus-cpp/gauge", [](benchmark::State& state) {
        event(state, gauge, [](auto& into, std::uint32_t n) { into.Set(n); });
    });
    add("instrument/prometheus-cpp/histogram", [](benchmark::State& state) {
        event(state, histogram,
              [](auto& into, std::uint32_t n) { into.Observe(1.0 + (n * 2'654'435'769U >> 12U)); });
    });
    add("instrument/prometheus-cpp/two_labels", [](benchmark::State& state) {
        event(state, family, [](auto& into, std::uint32_t n) {
            into.Add({{"endpoint", "/cart"}, {"status", n % 2 == 0 ? "200" : "500"}}).Increment();
        });
    });
}

}  // namespace

void add_prometheus_peers() {
    add_events();
    benchmark::RegisterBenchmark("peer/prometheus-cpp/record/counter", count);
    benchmark::RegisterBenchmark("peer/prometheus-cpp/record/gauge", set);
    for (const std::size_t series : {1'000UL, 100'000UL}) {
        benchmark::RegisterBenchmark(sized("peer/prometheus-cpp/tick/text", series, 1).c_str(),
                                     [=](benchmark::State& state) { print(state, series); });
    }
}

}  // namespace bench::peers
