// SPDX-License-Identifier: BSL-1.0
//
// Reducing: a window of samples of D dimensions, in charts of ten, to one value each; no text.
// Items are slots of a window, gaps included. The window begins in front of the ring's end and ends
// behind its start.
#include "benches.hpp"

#include "systems.hpp"

#include <backends/source/maximum.hpp>
#include <backends/source/stored.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace bench {

namespace {

template <class Cell>
using double_charts = charts<Cell, double>;

/// Takes results as an exporter's cycle does: blocks where a source has them, otherwise one by one.
class results {
public:
    template <class Value>
    void operator()(std::size_t, std::size_t, std::int64_t, Value value) noexcept {
        benchmark::DoNotOptimize(value);
        ++size_;
    }
    template <class Value, std::size_t Most>
    void block(std::int64_t, const backends::value_block<Value, Most>& all) noexcept {
        benchmark::DoNotOptimize(all.values);
        size_ += all.size;
        missing_ |= all.absent;
    }
    /// None if one was missing.
    [[nodiscard]] std::size_t size() const noexcept { return missing_ == 0 ? size_ : 0; }

private:
    std::size_t size_ = 0;
    std::uint32_t missing_ = 0;
};

/// The hints that an exporter's cycle gives where there are many charts, for long windows. In short
/// ones a processor follows the rows by itself while nothing else is done between the charts.
template <class Source, class Host>
void prefetch_ahead(const Host& host, std::size_t chart,
                    const typename Source::cursor& unread) noexcept {
    constexpr std::size_t ahead = 4;
    constexpr std::size_t many = 512;
    constexpr std::size_t few = 1;
    if (host.size() > many && chart + 2 * ahead < host.size()) {
        Source::prefetch_chart(host.chart_at(chart + 2 * ahead));
        Source::prefetch_samples(host.chart_at(chart + ahead), unread, few);
    }
}

template <class Cell, class Reduction>
void reduce(benchmark::State& state, std::size_t dimensions, std::size_t window) {
    using source = backends::stored<Reduction>;
    auto& system = kept<double_charts<Cell>>(dimensions);
    const auto& host = system.host();
    // The charts were recorded together, so one reading is at the same place in all of them.
    typename source::cursor unread;
    unread.next = host.chart_at(0).recorded().kept.end - static_cast<std::int64_t>(window);
    results all;
    for (auto _ : state) {
        for (std::size_t c = 0; c < host.size(); ++c) {
            prefetch_ahead<source>(host, c, unread);
            auto cursor = unread;
            source::read(host.chart_at(c), cursor, system.now(), all);
        }
    }
    if (all.size() !=
        static_cast<std::size_t>(state.iterations()) * dimensions * source::variants) {
        state.SkipWithError("results are missing");
    }
    set_items(state, static_cast<std::size_t>(state.iterations()) * dimensions * window);
}

/// The baseline's host and one line's worth of its reduction.
struct original_charts {
    explicit original_charts(std::size_t dimensions) : system{dimensions} {}
    original<backends::average, backends::graphite_plaintext> system;
};

void reduce_original(benchmark::State& state, baseline::source what, std::size_t dimensions,
                     std::size_t window) {
    const auto& system = kept<original_charts>(dimensions).system;
    long double total = 0;
    for (auto _ : state) {
        total += baseline::reduce_all(
            system.host(), what, system.now() - static_cast<std::int64_t>(window), system.now());
    }
    benchmark::DoNotOptimize(total);
    set_items(state, static_cast<std::size_t>(state.iterations()) * dimensions * window);
}

template <class Function, class... More>
void add(const std::string& cell, std::string_view reduction, Function function, More... more) {
    for (const std::size_t dimensions : {1'000UL, 100'000UL, 1'000'000UL}) {
        for (const std::size_t window : {10UL, 60UL}) {
            const std::string name = "reduce/" + cell + "/" + std::string{reduction} +
                                     "/dims:" + std::to_string(dimensions) +
                                     "/window:" + std::to_string(window);
            benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
                function(state, more..., dimensions, window);
            });
        }
    }
}

using reductions = types<backends::average, backends::sum, backends::maximum,
                         backends::fused<backends::average, backends::maximum>>;

template <class Reduction>
constexpr std::string_view reduction_name() {
    return backends::detail::is_fused<Reduction> ? "average+maximum"
                                                 : backends::stored<Reduction>::name;
}

}  // namespace

void add_reduce_benches() {
    add("original", "average", reduce_original, baseline::source::average);
    add("original", "sum", reduce_original, baseline::source::sum);
    cells::each([]<class Cell>() {
        reductions::each([]<class Reduction>() {
            add(std::string{name_of<Cell>}, reduction_name<Reduction>(), reduce<Cell, Reduction>);
        });
    });
}

}  // namespace bench
