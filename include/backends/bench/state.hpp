// SPDX-License-Identifier: BSL-1.0
//
// Bench: what every benchmark tells Google Benchmark.
#pragma once

#include <backends/isa.hpp>

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace backends::inline BACKENDS_ISA::bench {

/// How many benchmarks have failed; run() gives an exit status of it.
inline std::size_t failed_benchmarks = 0;

/// Ends a benchmark with a sentence instead of figures.
inline void fail(benchmark::State& state, const std::string& why) {
    ++failed_benchmarks;
    state.SkipWithError(why.c_str());
}

/// Gives the rates of items and, unless it is 0, of bytes.
inline void set_items(benchmark::State& state, std::size_t items, std::size_t bytes = 0) {
    state.SetItemsProcessed(static_cast<std::int64_t>(items));
    if (bytes != 0) {
        state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
    }
}

/// NAME/series:N/window:N, as Google Benchmark names arguments.
inline std::string sized(const std::string& name, std::size_t series, std::size_t window) {
    return name + "/series:" + std::to_string(series) + "/window:" + std::to_string(window);
}

}  // namespace backends::bench
