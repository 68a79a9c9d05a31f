// SPDX-License-Identifier: BSL-1.0
//
// A tick end to end (shipped.hpp). Items are lines, per second of the wall's clock; compare
// real_time, or least_ns, the shortest tick's time per line. With /in_flight:N the bound on
// unacknowledged bytes is N instead of its default.
#include "benches.hpp"

#include "shipped.hpp"

#include <cstddef>
#include <string>

namespace bench {

namespace {

template <class System>
void ship(benchmark::State& state, std::size_t series, std::size_t window) {
    auto& system = kept<System>(series);
    output all;
    const timed_runs ticks = measure_ticks(state, system, window, all, [&] { system.settle(); });
    // The library's own rates are per second of this thread, which waits for the reader.
    state.counters["items_per_second"] = static_cast<double>(all.lines) / ticks.seconds();
    state.counters["bytes_per_second"] = static_cast<double>(all.bytes) / ticks.seconds();
}

template <class System>
void add(const std::string& name, const std::string& suffix = "") {
    for (const std::size_t series : {1'000UL, 10'000UL, 100'000UL, 1'000'000UL}) {
        for (const std::size_t window : {10UL, 60UL}) {
            benchmark::RegisterBenchmark(
                (sized(name, series, window) + suffix).c_str(),
                [=](benchmark::State& state) { ship<System>(state, series, window); });
        }
    }
}

template <std::size_t Bytes>
void add_bound() {
    using namespace backends;
    add<shipped_ours<double_cell, average, graphite_plaintext, Bytes>>(
        "ship/double/average/graphite", "/in_flight:" + std::to_string(Bytes));
}

}  // namespace

void add_ship_benches() {
    each_combination([]<class Source, class Format>() {
        const std::string what = std::string{name_of<Source>} + "/" + std::string{name_of<Format>};
        add<shipped_original<Source, Format>>("ship/original/" + what);
        add<shipped_ready<Source, Format>>("ship/ready/" + what);
        types<backends::double_cell, backends::packed_cell>::each([&]<class Cell>() {
            add<shipped_ours<Cell, Source, Format, 0>>("ship/" + std::string{name_of<Cell>} + "/" +
                                                       what);
        });
    });
    using backends::double_cell, backends::average, backends::graphite_plaintext;
    add<shipped_unaccounted<double_cell, average, graphite_plaintext>>(
        "ship/unaccounted/average/graphite");
    add_bound<std::size_t{256} << 10>();
    add_bound<std::size_t{1} << 20>();
    add_bound<std::size_t{4} << 20>();
}

}  // namespace bench
