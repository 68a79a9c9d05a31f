// SPDX-License-Identifier: BSL-1.0
//
// delivery_mutants: does the simulation find what is wrong? Runs it on headers with seeded defects
// (mutants.py).
#include <backends/testing/mutant.hpp>
#include <backends/testing/mutant_names.hpp>

#include <backends/testing/run_recording.hpp>

#include "search_apart.hpp"
#include "variants.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace {

const char* broken_by(std::uint64_t seed) {
    static simulation::schedule what;
    const std::size_t n =
        seed % (simulation::variants.size() + simulation::variants_by_length.size());
    const auto& machine = n < simulation::variants.size()
                              ? simulation::variants[n]
                              : simulation::variants_by_length[n - simulation::variants.size()];
    simulation::draw(what, seed, machine);
    const char* const broken = machine.run(what).broken;
    return broken != nullptr ? broken : backends::testing::recording_simulation<>::run(seed).broken;
}

}  // namespace

int main(int argc, char** argv) {
    const std::uint64_t most = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 10'000;
    return simulation::find_all(mutant_names, most, argc > 2 ? std::atoi(argv[2]) : 0, broken_by);
}
