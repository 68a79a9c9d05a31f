// SPDX-License-Identifier: BSL-1.0
//
// backends_bench: all benchmarks, one family of names per stage. First it compares the lines of the
// library with those of the baseline: a figure of wrong lines is worth nothing.
#include "benches.hpp"
#include "compare.hpp"
#include "peers/peers.hpp"

#include <cstdio>
#include <cstring>

int main(int argc, char** argv) {
    bool only_names = false;
    for (int i = 1; i < argc; ++i) {
        only_names = only_names || std::strncmp(argv[i], "--benchmark_list_tests", 22) == 0;
    }
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
        return 1;
    }
    bench::add_record_benches();
    bench::add_reduce_benches();
    bench::add_number_benches();
    bench::add_line_benches();
    bench::add_tick_benches();
    bench::add_ship_benches();
    bench::peers::add_standard_peers();
    bench::peers::add_boost_peers();
#if defined(BENCH_HAS_FMT)
    bench::peers::add_fmt_peers();
#endif
#if defined(BENCH_HAS_PROMETHEUS)
    bench::peers::add_prometheus_peers();
#endif
    if (!only_names) {
        const bench::comparison lines = bench::compare_lines();
        std::fprintf(stderr, "compared %zu lines with the original's: %zu ties, %zu different\n",
                     lines.lines, lines.ties, lines.different);
        if (lines.different != 0) {
            return 1;
        }
    }
    benchmark::RunSpecifiedBenchmarks();
    bench::the_kept_system.system.reset();
    benchmark::Shutdown();
    return 0;
}
