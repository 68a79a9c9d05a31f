// SPDX-License-Identifier: BSL-1.0
//
// A tick without the network: what is new of every series, reduced, as lines. Items are lines;
// least_ns is the shortest tick's time per line. Recording the next samples lies between the ticks
// and is not counted, but stopping the benchmark's clocks for it adds about 0.3 us to a tick's CPU
// time.
#include "benches.hpp"

#include "hand_written.hpp"
#include "systems.hpp"

#include <cstddef>
#include <string>

namespace bench {

namespace {

template <class System>
void tick(benchmark::State& state, std::size_t series, std::size_t window) {
    auto& system = kept<System>(series);
    output all;
    measure_ticks(state, system, window, all, [] {});
    if (all.lines != static_cast<std::size_t>(state.iterations()) * series) {
        state.SkipWithError("a series had no line");
    }
    set_items(state, all.lines, all.bytes);
}

template <class System>
void add(const std::string& name) {
    for (const std::size_t series : {1'000UL, 10'000UL, 100'000UL, 1'000'000UL}) {
        for (const std::size_t window : {10UL, 60UL}) {
            benchmark::RegisterBenchmark(
                sized(name, series, window).c_str(),
                [=](benchmark::State& state) { tick<System>(state, series, window); });
        }
    }
}

}  // namespace

void add_tick_benches() {
    add<hand_written>("tick/hand_written/average/graphite");
    each_combination([]<class Source, class Format>() {
        const std::string what = std::string{name_of<Source>} + "/" + std::string{name_of<Format>};
        add<original<Source, Format>>("tick/original/" + what);
        cells::each([&]<class Cell>() {
            add<ours<Cell, Source, Format>>("tick/" + std::string{name_of<Cell>} + "/" + what);
        });
    });
}

}  // namespace bench
