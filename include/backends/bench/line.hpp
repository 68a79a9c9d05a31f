// SPDX-License-Identifier: BSL-1.0
//
// Bench: lines from finished values: names, number and time to text. Items are lines.
#pragma once

#include <backends/bench/instructions.hpp>
#include <backends/bench/state.hpp>
#include <backends/bench/workload.hpp>
#include <backends/core/decimal.hpp>
#include <backends/core/export_names.hpp>
#include <backends/core/inline.hpp>
#include <backends/format/renderer.hpp>

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

namespace backends::inline BACKENDS_ISA::bench {

/// How many series have a line.
inline constexpr std::size_t line_series = 1000;

/// A value of the workload.
template <class Value>
Value line_value_of(std::size_t i) {
    const std::int32_t thousandths = the_samples()(i, start_time);
    if constexpr (std::is_same_v<Value, double>) {
        return thousandths / 1000.0;
    } else if constexpr (std::is_same_v<Value, decimal>) {
        return {int128{thousandths} * 10'000};
    } else {
        return thousandths;
    }
}

/// A line for each value, one after another. The bytes of all.
template <class Value, class Write>
BACKENDS_INLINE inline std::size_t write_lines(Write& write, const std::vector<Value>& values,
                                               std::vector<char>& text) {
    char* out = text.data();
    for (std::size_t i = 0; i < line_series; ++i) {
        out = write(out, i, values[i]);
    }
    return static_cast<std::size_t>(out - text.data());
}

/// Times write(out, series, value), which returns the line's end.
///
/// @param room  bytes of a line, at most
/// @param name  the benchmark's, if its instructions are counted
template <class Value, class Write>
void measure_lines(benchmark::State& state, Write write, std::size_t room = 256,
                   const std::string& name = {}) {
    std::vector<Value> values;
    for (std::size_t i = 0; i < line_series; ++i) {
        values.push_back(line_value_of<Value>(i));
    }
    std::vector<char> text(line_series * room + 4096);
    std::size_t bytes = 0;
    for (auto _ : state) {
        bytes = write_lines(write, values, text);
        benchmark::ClobberMemory();
    }
    const auto rounds = static_cast<std::size_t>(state.iterations());
    set_items(state, rounds * line_series, rounds * bytes);
    // By copies: what is seen from elsewhere would not stay in registers above.
    count_instructions(state, name, [write, values, text]() mutable {
        benchmark::DoNotOptimize(write_lines(write, values, text));
        return line_series;
    });
}

/// The library's renderer.
template <class Format, class Value>
void render_lines(benchmark::State& state, const std::string& name = {}) {
    renderer<Format> lines{identity{prefix, hostname, {}}};
    for (std::size_t i = 0; i < line_series; ++i) {
        std::uint32_t number = 0;
        if (lines.add(chart_id(i / chart_width), dimension_id(i % chart_width), number)) {
            fail(state, "a name was refused");
            return;
        }
    }
    measure_lines<Value>(
        state,
        [&](char* out, std::size_t i, Value v) {
            return lines.line(out, static_cast<std::uint32_t>(i), start_time, v);
        },
        lines.max_line(), name);
}

}  // namespace backends::bench
