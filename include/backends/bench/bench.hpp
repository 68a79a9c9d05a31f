// SPDX-License-Identifier: BSL-1.0
//
// Bench: measures policies of your own beside the library's, with Google Benchmark:
//
//     int main(int argc, char** argv) {
//         backends::bench::reduction<range>();
//         return backends::bench::run(argc, argv);
//     }
//
// See docs/how_to/measure_your_own_policy.md. All of it belongs to one thread.
#pragma once

#include <backends/bench/fast_forms.hpp>
#include <backends/bench/instructions.hpp>
#include <backends/bench/line.hpp>
#include <backends/bench/record.hpp>
#include <backends/bench/reduce.hpp>
#include <backends/bench/registry.hpp>
#include <backends/bench/ship.hpp>
#include <backends/bench/tick.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/source/average.hpp>
#include <backends/transport/memory.hpp>

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace backends::inline BACKENDS_ISA::bench {

/// Series of a tick: charts that fit the cache together with their lines, and charts that do not.
/// Instructions are counted with the first.
inline constexpr std::size_t few_series = 1'000;
inline constexpr std::size_t many_series = 100'000;  ///< do not fit
/// Samples of a window: an exporter's period of ten seconds.
inline constexpr std::size_t usual_window = 10;

/// What benchmarks call a source: its name with `_` for blanks, `average+maximum` for a fused pack.
template <class Source>
std::string source_name() {
    using source_type = as_source<Source>;
    std::string name{source_type::name};
    if constexpr (source_type::variants > 1) {
        name = std::string{source_type::variant_name(0)};
        for (std::size_t i = 1; i < source_type::variants; ++i) {
            name += "+" + std::string{source_type::variant_name(i)};
        }
    }
    std::replace(name.begin(), name.end(), ' ', '_');
    return name;
}

/// Registers what takes a number of series, for few and for many.
///
/// @param measure  called with the state, the number of series and the benchmark's name
template <class Measure>
void add_sizes(const std::string& name, Measure measure) {
    for (const std::size_t series : {few_series, many_series}) {
        the_registry.add(
            sized(name, series, usual_window),
            [measure, series](benchmark::State& state, const std::string& whole) {
                if (series != few_series && only_counts()) {
                    state.SkipWithError("is not counted");  // valgrind would need minutes
                    return;
                }
                measure(state, series, series == few_series ? whole : std::string{});
            });
    }
}

/// reduce/CELL/REDUCTION
template <class Cell, class Reduction, class Recording = wait_free>
void add_reduce(const std::string& cell_name, const std::string& suffix = {}) {
    add_sizes("reduce/" + cell_name + "/" + source_name<Reduction>() + suffix,
              [](benchmark::State& state, std::size_t series, const std::string& name) {
                  reduce_windows<Cell, Reduction, Recording>(state, series, usual_window, name);
              });
}

/// tick/CELL/SOURCE/FORMAT
template <class Cell, class Source, class Format, class Recording = wait_free>
void add_tick(const std::string& cell_name, const std::string& suffix = {}) {
    // What a source of its own does not want to tell, it may keep.
    constexpr bool is_reduction = !std::is_void_v<typename reduction_in<as_source<Source>>::type>;
    constexpr std::size_t lines = is_reduction ? as_source<Source>::variants : 0;
    add_sizes("tick/" + cell_name + "/" + source_name<Source>() + "/" + std::string{Format::name} +
                  suffix,
              [](benchmark::State& state, std::size_t series, const std::string& name) {
                  tick_series<library_cycle<Cell, Source, Format, Recording>>(
                      state, series, usual_window, lines, name);
              });
}

/// record/POLICY/CELL
template <class Cell, class Recording>
void add_record(const std::string& recording_name, const std::string& cell_name) {
    the_registry.add("record/" + recording_name + "/" + cell_name,
                     [](benchmark::State& state, const std::string& name) {
                         record_rows<Recording, Cell>(state, name);
                     });
}

/// line/FORMAT
template <class Format>
void add_line() {
    the_registry.add("line/" + std::string{Format::name},
                     [](benchmark::State& state, const std::string& name) {
                         render_lines<Format, double>(state, name);
                     });
}

/// Measures a cell: record/, reduce/ and tick/, beside double.
///
/// @param name  what its benchmarks are called
template <backends::cell Cell>
void cell(const std::string& name) {
    const auto add = []<class One>(const std::string& called) {
        the_registry.tell("cell " + called, fast_forms<One, average, wait_free>());
        add_record<One, wait_free>("wait_free", called);
        add_reduce<One, average>(called);
        add_tick<One, average, graphite_plaintext>(called);
    };
    add.template operator()<double_cell>("double");
    add.template operator()<Cell>(name);
}

/// Measures a reduction, or a fused pack: reduce/ and tick/, beside average, over cells of doubles.
template <class Reduction>
    requires(backends::reduction<Reduction> || backends::detail::is_fused<Reduction>)
void reduction() {
    const auto add = []<class One>() {
        the_registry.tell("reduction " + source_name<One>(),
                          fast_forms<double_cell, One, wait_free>());
        add_reduce<double_cell, One>("double");
        add_tick<double_cell, One, graphite_plaintext>("double");
    };
    add.template operator()<average>();
    add.template operator()<Reduction>();
}

/// Measures a data source: tick/, beside average.
template <data_source Source>
void source() {
    const auto add = []<class One>() {
        the_registry.tell("source " + source_name<One>(),
                          fast_forms<double_cell, One, wait_free>());
        add_tick<double_cell, One, graphite_plaintext>("double");
    };
    add.template operator()<average>();
    add.template operator()<Source>();
}

/// Measures a wire format: line/ and tick/, beside graphite.
template <wire_format Format>
void format() {
    const auto add = []<class One>() {
        the_registry.tell("format " + std::string{One::name}, format_forms<One>());
        add_line<One>();
        add_tick<double_cell, average, One>("double");
    };
    add.template operator()<graphite_plaintext>();
    add.template operator()<Format>();
}

/// Measures a recording policy: record/, reduce/ and tick/, beside wait_free. One thread records.
///
/// @param name  what its benchmarks are called
template <recording_policy Recording>
void recording(const std::string& name) {
    const auto add = []<class One>(const std::string& called) {
        the_registry.tell("recording " + called, recording_forms<One>());
        add_record<double_cell, One>(called, "double");
        add_reduce<double_cell, average, One>("double", "/recording:" + called);
        add_tick<double_cell, average, graphite_plaintext, One>("double", "/recording:" + called);
    };
    add.template operator()<wait_free>("wait_free");
    add.template operator()<Recording>(name);
}

/// Makes a transport for transport().
template <class Transport>
struct default_made {
    Transport operator()() const { return Transport{}; }  ///< a transport made without arguments
};

/// Measures a transport: ship/, beside memory, which takes everything at once.
///
/// @param name         what its benchmarks are called
/// @param make         make() gives a connection's transport; copied
/// @param destination  of an exporter's options; empty: a reader on the loopback interface, which
///                     takes one TCP connection
template <backends::transport Transport, class Make = default_made<Transport>>
void transport(const std::string& name, Make make = {}, const std::string& destination = {}) {
    const auto add = []<class One>(const std::string& called, const auto& made,
                                   const std::string& where) {
        the_registry.tell("transport " + called, transport_forms<One>());
        the_registry.add(
            sized("ship/double/average/graphite/transport:" + called, few_series, usual_window),
            [made, where](benchmark::State& state, const std::string&) {
                ship_series<One>(state, few_series, usual_window, made, where);
            });
    };
    add.template operator()<memory>("memory", default_made<memory>{}, "memory");
    add.template operator()<Transport>(name, make, destination);
}

/// Measures what was registered. The command line is that of Google Benchmark, and
/// `--no_instructions`, which starts no valgrind.
///
/// @return for main(): 0, or 1 for a wrong command line, a name that two policies have, no
///         benchmark that matches, or one that failed
inline int run(int argc, char** argv) {
    bool counts = true;
    std::string report;
    std::vector<std::string> for_child;
    int kept = 1;
    for (int i = 1; i < argc; ++i) {
        const std::string_view argument{argv[i]};
        if (argument.starts_with(report_flag)) {
            report = argument.substr(std::string_view{report_flag}.size());
            continue;
        }
        if (argument == "--no_instructions") {
            counts = false;
            continue;
        }
        if (argument.starts_with("--benchmark_list_tests")) {
            counts = false;
        }
        if (argument.starts_with("--benchmark_filter=")) {
            for_child.emplace_back(argument);
        }
        argv[kept++] = argv[i];
    }
    argc = kept;
    argv[argc] = nullptr;
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
        return 1;
    }
    for (const std::string& mistake : the_registry.mistakes()) {
        std::fprintf(stderr, "%s\n", mistake.c_str());
    }
    if (!the_registry.mistakes().empty()) {
        return 1;
    }
    if (!report.empty()) {
        the_instruction_counts.report = std::fopen(report.c_str(), "w");
        if (the_instruction_counts.report == nullptr) {
            std::perror(report.c_str());
            return 1;
        }
        the_registry.run_each_once();
    } else {
        the_registry.tell("instructions",
                          counts ? the_instruction_counts.choose(for_child) : "not counted");
    }
    const std::size_t ran = benchmark::RunSpecifiedBenchmarks();
    the_kept_system.system.reset();
    the_instruction_counts.processor.reset();
    if (only_counts()) {
        std::fclose(the_instruction_counts.report);
    }
    benchmark::Shutdown();
    return ran != 0 && failed_benchmarks == 0 ? 0 : 1;
}

}  // namespace backends::bench
