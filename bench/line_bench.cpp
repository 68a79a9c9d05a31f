// SPDX-License-Identifier: BSL-1.0
//
// Lines from finished values: names, number and time to text. Items are lines. line/<format> is the
// library's renderer with doubles, with a suffix other values; line/snprintf/<format> one printf.
#include "benches.hpp"

#include <backends/bench/line.hpp>
#include <backends/core/decimal.hpp>

#include "systems.hpp"

#include <cstdio>
#include <string>
#include <vector>

namespace bench {

namespace {

template <class Format, class Value>
void render(benchmark::State& state) {
    render_lines<Format, Value>(state);
}

void print_graphite(benchmark::State& state) {
    std::vector<std::string> chart_ids;
    std::vector<std::string> dimension_ids;
    for (std::size_t i = 0; i < line_series; ++i) {
        chart_ids.push_back(chart_id(i / chart_width));
        dimension_ids.push_back(dimension_id(i % chart_width));
    }
    measure_lines<double>(state, [&](char* out, std::size_t i, double v) {
        return out + std::snprintf(out, 256, "%s.%s.%s.%s %.7f %lld\n", prefix, hostname,
                                   chart_ids[i].c_str(), dimension_ids[i].c_str(), v,
                                   static_cast<long long>(start_time));
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
