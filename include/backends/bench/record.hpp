// SPDX-License-Identifier: BSL-1.0
//
// Bench: recording one row of ten dimensions. Items are samples.
#pragma once

#include <backends/bench/instructions.hpp>
#include <backends/bench/state.hpp>
#include <backends/bench/workload.hpp>
#include <backends/storage/host.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace backends::inline BACKENDS_ISA::bench {

/// A row of samples.
using sample_row = std::array<double, chart_width>;

/// The names of the workload's dimensions.
inline std::vector<new_dimension> ten_dimensions() {
    std::vector<new_dimension> all;
    for (std::size_t d = 0; d < chart_width; ++d) {
        all.emplace_back(dimension_id(d));
    }
    return all;
}

/// Times store(at, row), which records a row at a time. Every row differs from the last one.
///
/// @param name  the benchmark's, if its instructions are counted
template <class Store>
void measure_recording(benchmark::State& state, Store store, const std::string& name = {}) {
    constexpr sample_row first{1.5, 2.25, 3.125, 4, 5, 6.5, 7, 8.75, 9, 10};
    std::int64_t at = start_time;
    sample_row values = first;
    for (auto _ : state) {
        ++at;
        values[0] += 1;
        benchmark::DoNotOptimize(values);
        store(at, values);
        benchmark::ClobberMemory();
    }
    set_items(state, static_cast<std::size_t>(state.iterations()) * chart_width);
    count_instructions(state, name, [store, next = at, first]() mutable {
        constexpr std::size_t rows = 1000;
        sample_row row = first;
        for (std::size_t n = 0; n < rows; ++n) {
            ++next;
            row[0] += 1;
            benchmark::DoNotOptimize(row);
            store(next, row);
        }
        return rows * chart_width;
    });
}

/// Whole rows into a chart of an hour.
template <class Recording, class Cell = double_cell>
void record_rows(benchmark::State& state, const std::string& name = {}) {
    basic_host<Cell, 3600, Recording> host{hostname};
    auto& chart = host.add(chart_id(0), ten_dimensions());
    measure_recording(
        state,
        [&](std::int64_t at, const sample_row& values) {
            static_cast<void>(chart.record(at, values));
        },
        name);
}

}  // namespace backends::bench
