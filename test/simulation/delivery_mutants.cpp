// SPDX-License-Identifier: BSL-1.0
//
// delivery_mutants: does the simulation find what is wrong? Runs it on headers with seeded defects
// (mutants.py), one defect at a time, and says in how many schedules each was found. A defect that
// is not found within the given number means that a promise is not checked. Each runs in a process
// of its own: some crash, and some never rest.
#include <backends/testing/mutant.hpp>
#include <backends/testing/mutant_names.hpp>

#include <backends/testing/run_recording.hpp>

#include "variants.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <string>
#include <string_view>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

struct finding {
    std::uint64_t schedules = 0;  // 0: none found
    char what[120] = {};
};

finding search(int mutant, std::uint64_t most, int report_to) {
    backends::testing::mutant = mutant;
    simulation::schedule what;
    finding found;
    for (std::uint64_t seed = 1; seed <= most; ++seed) {
        // Two seconds of CPU for a schedule that takes 0.05 ms: then it never comes to its end.
        const ::itimerval patience{{0, 0}, {2, 0}};
        ::setitimer(ITIMER_VIRTUAL, &patience, nullptr);
        found.schedules = seed;
        std::snprintf(found.what, sizeof found.what, "it crashed, or never rested");
        if (report_to >= 0 && ::write(report_to, &found, sizeof found) != sizeof found) {
            std::abort();
        }
        const auto& machine = simulation::variants[seed % simulation::variants.size()];
        simulation::draw(what, seed, machine);
        const char* broken = machine.run(what).broken;
        if (broken == nullptr) {
            broken = backends::testing::recording_simulation<>::run(seed).broken;
        }
        if (broken != nullptr) {
            std::snprintf(found.what, sizeof found.what, "%s", broken);
            return found;
        }
    }
    return {};
}

finding search_apart(int mutant, std::uint64_t most) {
    int ends[2];
    if (::pipe(ends) != 0) {
        std::abort();
    }
    std::fflush(stdout);
    const ::pid_t child = ::fork();
    if (child == 0) {
        ::close(ends[0]);
        if (std::freopen("/dev/null", "w", stderr) == nullptr) {
            std::abort();
        }
        const finding found = search(mutant, most, ends[1]);
        std::_Exit(::write(ends[1], &found, sizeof found) == sizeof found ? 0 : 1);
    }
    ::close(ends[1]);
    finding last;
    finding next;
    while (::read(ends[0], &next, sizeof next) == sizeof next) {
        last = next;
    }
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    return last;
}

}  // namespace

int main(int argc, char** argv) {
    const std::uint64_t most = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 10'000;
    const int only = argc > 2 ? std::atoi(argv[2]) : 0;
    constexpr int count = static_cast<int>(std::size(mutant_names));
    int missed = 0;
    std::uint64_t slowest = 0;
    if (only == 0) {
        const finding sound = search_apart(0, 2000);
        std::printf("without a defect: %s\n",
                    sound.schedules == 0 ? "nothing found in 2000 schedules" : sound.what);
        missed += sound.schedules != 0;
    }
    for (int mutant = 1; mutant <= count; ++mutant) {
        if (only != 0 && only != mutant) {
            continue;
        }
        const finding found = search_apart(mutant, most);
        missed += found.schedules == 0;
        slowest = std::max(slowest, found.schedules);
        std::printf("%2d  %5llu  %s: %s\n", mutant,
                    static_cast<unsigned long long>(found.schedules), mutant_names[mutant - 1],
                    found.schedules == 0 ? "NOT FOUND" : found.what);
    }
    std::printf("%d defects, %d not found in %llu schedules; the last was found in %llu\n", count,
                missed, static_cast<unsigned long long>(most),
                static_cast<unsigned long long>(slowest));
    return missed == 0 ? 0 : 1;
}
