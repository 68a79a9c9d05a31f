// SPDX-License-Identifier: BSL-1.0
//
// backends_bench: all benchmarks, one family of names per stage. First it compares the lines of the
// library with those of the baseline: a figure of wrong lines is worth nothing. A tool that starts
// it again and again says --no_comparison from the second time on.
#include "benches.hpp"
#include "compare.hpp"
#include "peers/peers.hpp"

#include <cstdio>
#include <cstring>

int main(int argc, char** argv) {
    bool compares = true;
    int kept = 1;
    for (int i = 1; i < argc; ++i) {
        const bool is_ours = std::strcmp(argv[i], "--no_comparison") == 0;
        if (is_ours || std::strncmp(argv[i], "--benchmark_list_tests", 22) == 0) {
            compares = false;
        }
        if (!is_ours) {
            argv[kept++] = argv[i];
        }
    }
    argc = kept;
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
        return 1;
    }
    bench::add_instrument_benches();
    bench::add_record_benches();
    bench::add_reduce_benches();
    bench::add_layout_benches();
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
    if (compares) {
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
