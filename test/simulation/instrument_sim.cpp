// SPDX-License-Identifier: BSL-1.0
//
// instrument_sim: do instruments keep their promises in every interleaving of threads?
//
//     instrument_sim --interleavings N [--seed FIRST]   on headers as they are
//     instrument_sim --mutants N [NUMBER]               each seeded defect is found within N
//
// An interleaving that breaks a promise is named by its seed, which repeats it.
#include <backends/testing/mutant.hpp>
#include <backends/testing/mutant_names.hpp>

#include "instrument_model.hpp"
#include "search_apart.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <unordered_set>

namespace {

simulation::threads& all_threads() {
    static simulation::threads all;
    return all;
}

int run_sound(std::uint64_t first, std::uint64_t n) {
    std::unordered_set<std::uint64_t> different;
    std::uint64_t steps = 0;
    for (std::uint64_t seed = first; seed < first + n; ++seed) {
        const char* const broken = simulation::run_interleaving(all_threads(), seed);
        if (broken != nullptr) {
            std::printf("seed %llu: not so: %s\n", static_cast<unsigned long long>(seed), broken);
            return 1;
        }
        different.insert(all_threads().hash());
        steps += all_threads().steps();
    }
    std::printf("%llu interleavings, %zu of them different, %llu steps: nothing is broken\n",
                static_cast<unsigned long long>(n), different.size(),
                static_cast<unsigned long long>(steps));
    return 0;
}

const char* broken_by(std::uint64_t seed) {
    return simulation::run_interleaving(all_threads(), seed);
}

}  // namespace

void simulation::step() noexcept { all_threads().step(); }
void simulation::wait(const bool& what, bool value) noexcept { all_threads().wait(what, value); }

int main(int argc, char** argv) {
    const auto number = [&](int at, std::uint64_t otherwise) -> std::uint64_t {
        return argc > at ? std::strtoull(argv[at], nullptr, 10) : otherwise;
    };
    const std::string_view what = argc > 1 ? argv[1] : "";
    if (what == "--interleavings") {
        const bool has_seed = argc > 4 && std::string_view{argv[3]} == "--seed";
        return run_sound(has_seed ? number(4, 1) : 1, number(2, 100'000));
    }
    if (what == "--mutants") {
        return simulation::find_all(mutant_names, number(2, 20'000), static_cast<int>(number(3, 0)),
                                    broken_by);
    }
    std::fputs("instrument_sim --interleavings N [--seed FIRST] | --mutants N [NUMBER]\n", stderr);
    return 2;
}
