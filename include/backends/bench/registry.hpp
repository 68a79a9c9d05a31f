// SPDX-License-Identifier: BSL-1.0
//
// Bench: what is to be measured, each name once.
#pragma once

#include <backends/bench/kept_system.hpp>

#include <benchmark/benchmark.h>

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace backends::inline BACKENDS_ISA::bench {

/// The benchmarks of this program and the lines that its output begins with. Not thread-safe.
class registry {
public:
    /// Registers run(state, name). A second time the same is nothing new: each policy is measured
    /// beside the library's own. Two that have one name are a mistake, which run() tells.
    template <class Run>
    void add(const std::string& name, Run run) {
        const auto [found, is_new] = names_.emplace(name, &type_mark<Run>);
        if (is_new) {
            added_.push_back(benchmark::RegisterBenchmark(
                name.c_str(), [name, run](benchmark::State& state) { run(state, name); }));
        } else if (found->second != &type_mark<Run>) {
            mistakes_.push_back("two benchmarks have the name " + name +
                                ": give your policy a name of its own");
        }
    }

    /// A line before the results, such as `cell double: column sums: yes`.
    void tell(const std::string& what, const std::string& line) {
        if (lines_.emplace(what, line).second) {
            benchmark::AddCustomContext(what, line);
        }
    }

    /// How many benchmarks it has.
    [[nodiscard]] std::size_t size() const noexcept { return added_.size(); }
    /// For programs that only count: a round of each is enough.
    void run_each_once() {
        for (const handle one : added_) {
            one->Iterations(1);
        }
    }
    /// A sentence for each name that two have.
    [[nodiscard]] const std::vector<std::string>& mistakes() const noexcept { return mistakes_; }

private:
    // Its name is another one in each version of Google Benchmark.
    using handle = decltype(benchmark::RegisterBenchmark(
        std::declval<const char*>(), std::declval<void (*)(benchmark::State&)>()));

    std::map<std::string, const char*> names_;
    std::map<std::string, std::string> lines_;
    std::vector<std::string> mistakes_;
    std::vector<handle> added_;
};
inline registry the_registry;  ///< this program's

}  // namespace backends::bench
