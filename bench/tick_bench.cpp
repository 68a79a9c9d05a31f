// SPDX-License-Identifier: BSL-1.0
//
// A tick without the network: what is new of every series, reduced, as lines. See
// backends/bench/tick.hpp.
#include "benches.hpp"

#include "hand_written.hpp"
#include "systems.hpp"

#include <cstddef>
#include <string>

namespace bench {

namespace {

template <class System>
void add(const std::string& name) {
    for (const std::size_t series : {1'000UL, 10'000UL, 100'000UL, 1'000'000UL}) {
        for (const std::size_t window : {10UL, 60UL}) {
            benchmark::RegisterBenchmark(
                sized(name, series, window).c_str(),
                [=](benchmark::State& state) { tick_series<System>(state, series, window); });
        }
    }
}

}  // namespace

void add_tick_benches() {
    add<hand_written>("tick/hand_written/average/graphite");
    binary_formats::each([]<class Format>() {
        add<ours<backends::double_cell, backends::average, Format>>("tick/double/average/" +
                                                                    std::string{name_of<Format>});
    });
    each_combination([]<class Source, class Format>() {
        const std::string what = std::string{name_of<Source>} + "/" + std::string{name_of<Format>};
        add<original<Source, Format>>("tick/original/" + what);
        cells::each([&]<class Cell>() {
            add<ours<Cell, Source, Format>>("tick/" + std::string{name_of<Cell>} + "/" + what);
        });
    });
}

}  // namespace bench
