// SPDX-License-Identifier: BSL-1.0
//
// Reducing a window of samples to one value each; no text (backends/bench/reduce.hpp).
#include "benches.hpp"

#include "systems.hpp"

#include <backends/bench/reduce.hpp>
#include <backends/source/fused.hpp>
#include <backends/source/maximum.hpp>
#include <backends/source/stored.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace bench {

namespace {

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
            add(std::string{name_of<Cell>}, reduction_name<Reduction>(),

                [](benchmark::State& state, std::size_t dimensions, std::size_t window) {
                    reduce_windows<Cell, Reduction>(state, dimensions, window);
                });
        });
    });
}

}  // namespace bench
