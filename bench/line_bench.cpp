// SPDX-License-Identifier: BSL-1.0
//
// Lines from finished values: names, number and time to text. Items are lines. line/<format> is the
// library's renderer with doubles, with a suffix other values; line/snprintf/<format> one printf.
#include "benches.hpp"

#include <backends/core/decimal.hpp>
#include <backends/format/renderer.hpp>

#include "systems.hpp"

#include <cstdio>
#include <type_traits>
#include <vector>

namespace bench {

namespace {

constexpr std::size_t series = 1000;
constexpr std::int64_t at = start_time;

template <class Value>
Value value_of(std::size_t i) {
    const std::int32_t thousandths = the_samples()(i, at);
    if constexpr (std::is_same_v<Value, double>) {
        return thousandths / 1000.0;
    } else if constexpr (std::is_same_v<Value, backends::decimal>) {
        return {backends::int128{thousandths} * 10'000};
    } else {
        return thousandths;
    }
}

/// `write(out, series, value)` returns the line's end.
template <class Value, class Write>
void measure(benchmark::State& state, Write write) {
    std::vector<Value> values;
    for (std::size_t i = 0; i < series; ++i) {
        values.push_back(value_of<Value>(i));
    }
    std::vector<char> text(series * 256 + 4096);
    std::size_t bytes = 0;
    for (auto _ : state) {
        char* out = text.data();
        for (std::size_t i = 0; i < series; ++i) {
            out = write(out, i, values[i]);
        }
        bytes = static_cast<std::size_t>(out - text.data());
        benchmark::ClobberMemory();
    }
    const auto rounds = static_cast<std::size_t>(state.iterations());
    set_items(state, rounds * series, rounds * bytes);
}

template <class Format, class Value>
void render(benchmark::State& state) {
    backends::renderer<Format> lines{backends::identity{prefix, hostname, {}}};
    for (std::size_t i = 0; i < series; ++i) {
        std::uint32_t number = 0;
        if (lines.add(chart_id(i / chart_width), dimension_id(i % chart_width), number)) {
            state.SkipWithError("a name was refused");
            return;
        }
    }
    measure<Value>(state, [&](char* out, std::size_t i, Value v) {
        return lines.line(out, static_cast<std::uint32_t>(i), at, v);
    });
}

void print_graphite(benchmark::State& state) {
    std::vector<std::string> chart_ids;
    std::vector<std::string> dimension_ids;
    for (std::size_t i = 0; i < series; ++i) {
        chart_ids.push_back(chart_id(i / chart_width));
        dimension_ids.push_back(dimension_id(i % chart_width));
    }
    measure<double>(state, [&](char* out, std::size_t i, double v) {
        return out + std::snprintf(out, 256, "%s.%s.%s.%s %.7f %lld\n", prefix, hostname,
                                   chart_ids[i].c_str(), dimension_ids[i].c_str(), v,
                                   static_cast<long long>(at));
    });
}

}  // namespace

void add_line_benches() {
    formats::each([]<class Format>() {
        const std::string name = "line/" + std::string{Format::name};
        benchmark::RegisterBenchmark(name.c_str(), render<Format, double>);
        benchmark::RegisterBenchmark((name + "/decimal").c_str(),
                                     render<Format, backends::decimal>);
        benchmark::RegisterBenchmark((name + "/int64").c_str(), render<Format, std::int64_t>);
    });
    benchmark::RegisterBenchmark("line/snprintf/graphite", print_graphite);
}

}  // namespace bench
