// SPDX-License-Identifier: BSL-1.0
//
// Bench: instructions of an item, beside its time. They repeat where times do not.
#pragma once

#include <backends/bench/callgrind.hpp>
#include <backends/bench/perf_counter.hpp>

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

namespace backends::inline BACKENDS_ISA::bench {

/// How this program counts. Of several ways one is chosen, by run(); before that, nothing counts.
struct instruction_counts {
    std::unique_ptr<perf_counter> processor;  ///< counts here
    callgrind_counts earlier;                 ///< has counted in a child
    std::FILE* report = nullptr;              ///< this is the child

    /// Chooses, and says what was chosen, or why nothing counts.
    ///
    /// @param arguments  of the child, if there is to be one
    std::string choose(const std::vector<std::string>& arguments) {
        processor = std::make_unique<perf_counter>();
        if (!processor->error()) {
            return "by the processor";
        }
        const std::string why = "perf_event_open: " + processor->error().message();
        processor.reset();
        earlier = count_by_callgrind(arguments);
        return earlier.error.empty() ? "by valgrind (" + why + ")"
                                     : "not available: " + why + "; " + earlier.error;
    }
};
inline instruction_counts the_instruction_counts;  ///< this program's

/// Whether this process only counts, under valgrind: times are worth nothing there.
[[nodiscard]] inline bool only_counts() noexcept {
    return the_instruction_counts.report != nullptr;
}

/// Gives a benchmark the counter `instructions`: those of an item. `items()` is called once at
/// most, after the benchmark's loop, and returns how many items it made.
///
/// @param name  the benchmark's; empty: nothing is counted
template <class Items>
void count_instructions(benchmark::State& state, const std::string& name, Items items) {
    if (name.empty()) {
        return;
    }
    instruction_counts& all = the_instruction_counts;
    std::size_t made = 0;
    const auto counted = [&] { made = items(); };
    if (all.processor) {
        const auto n = static_cast<double>((*all.processor)(counted));
        state.counters["instructions"] = n / static_cast<double>(made);
    } else if (only_counts()) {
        counted_by_callgrind(counted);
        std::fprintf(all.report, "%zu %s\n", made, name.c_str());
    } else if (const auto found = all.earlier.instructions.find(name);
               found != all.earlier.instructions.end()) {
        state.counters["instructions"] = found->second;
    }
}

}  // namespace backends::bench
