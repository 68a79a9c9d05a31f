// SPDX-License-Identifier: BSL-1.0
//
// Bench: ticks, each after new samples. Items are lines; least_ns is the shortest tick's time per
// line. Recording the next samples lies between the ticks and is not counted, but stopping the
// benchmark's clocks for it adds about 0.3 us to a tick's CPU time.
#pragma once

#include <backends/bench/instructions.hpp>
#include <backends/bench/kept_system.hpp>
#include <backends/bench/library_cycle.hpp>
#include <backends/bench/state.hpp>
#include <backends/bench/timed_runs.hpp>

#include <benchmark/benchmark.h>

#include <cstddef>
#include <string>

namespace backends::inline BACKENDS_ISA::bench {

/// Ticks of a system, each after new samples, which are not counted. `between()` is called before
/// these. Adds up what the ticks give, and says what the shortest took.
template <class System, class Output, class Between>
timed_runs measure_ticks(benchmark::State& state, System& system, std::size_t window, Output& all,
                         Between between) {
    timed_runs ticks;
    for (auto _ : state) {
        state.PauseTiming();
        between();
        system.record(window);
        state.ResumeTiming();
        ticks([&] {
            const Output one = system.tick();
            all.lines += one.lines;
            all.bytes += one.bytes;
            return one.lines;
        });
    }
    state.counters["least_ns"] = ticks.least_ns();
    return ticks;
}

/// Ticks without the network: what is new of every series, reduced, as lines.
///
/// @tparam System  such as library_cycle
/// @param  lines   of each series in a tick; 0: not known, but there are some
/// @param  name    the benchmark's, if its instructions are counted
template <class System>
void tick_series(benchmark::State& state, std::size_t series, std::size_t window,
                 std::size_t lines = 1, const std::string& name = {}) {
    auto& system = kept<System>(series);
    output all;
    measure_ticks(state, system, window, all, [] {});
    const auto expected = static_cast<std::size_t>(state.iterations()) * series * lines;
    if (lines == 0 ? all.lines == 0 : all.lines != expected) {
        fail(state, "a series had no line");
        return;
    }
    set_items(state, all.lines, all.bytes);
    system.record(window);
    count_instructions(state, name, [&] { return system.tick().lines; });
}

}  // namespace backends::bench
