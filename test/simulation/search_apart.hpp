// SPDX-License-Identifier: BSL-1.0
//
// Looks for seeded defects (mutants.py), one at a time, and says after how many runs each was
// found. A defect that is not found within the given number means that a promise is not checked.
// Each is looked for in a process of its own: some crash, and some never rest.
#pragma once

#include <backends/testing/mutant.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

namespace simulation {

struct finding {
    std::uint64_t runs = 0;  // 0: none found
    char what[120] = {};
};

/// broken_by(seed) gives what is broken, nullptr where nothing is.
template <class BrokenBy>
finding search(int mutant, std::uint64_t most, int report_to, BrokenBy broken_by) {
    backends::testing::mutant = mutant;
    finding found;
    for (std::uint64_t seed = 1; seed <= most; ++seed) {
        // Two seconds of CPU for a run that takes 0.05 ms: then it never comes to its end.
        const ::itimerval patience{{0, 0}, {2, 0}};
        ::setitimer(ITIMER_VIRTUAL, &patience, nullptr);
        found.runs = seed;
        std::snprintf(found.what, sizeof found.what, "it crashed, or never rested");
        if (::write(report_to, &found, sizeof found) != sizeof found) {
            std::abort();
        }
        const char* const broken = broken_by(seed);
        if (broken != nullptr) {
            std::snprintf(found.what, sizeof found.what, "%s", broken);
            return found;
        }
    }
    return {};
}

template <class BrokenBy>
finding search_apart(int mutant, std::uint64_t most, BrokenBy broken_by) {
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
        const finding found = search(mutant, most, ends[1], broken_by);
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

/// Of a main(): 0 where each is found, and nothing without one. `only`: 0, or the number of one.
template <std::size_t Count, class BrokenBy>
int find_all(const char* const (&names)[Count], std::uint64_t most, int only, BrokenBy broken_by) {
    constexpr int count = static_cast<int>(Count);
    int missed = 0;
    std::uint64_t slowest = 0;
    if (only == 0) {
        const finding sound = search_apart(0, 2000, broken_by);
        std::printf("without a defect: %s\n",
                    sound.runs == 0 ? "nothing found in 2000 runs" : sound.what);
        missed += sound.runs != 0;
    }
    for (int mutant = 1; mutant <= count; ++mutant) {
        if (only != 0 && only != mutant) {
            continue;
        }
        const finding found = search_apart(mutant, most, broken_by);
        missed += found.runs == 0;
        slowest = std::max(slowest, found.runs);
        std::printf("%2d  %5llu  %s: %s\n", mutant, static_cast<unsigned long long>(found.runs),
                    names[mutant - 1], found.runs == 0 ? "NOT FOUND" : found.what);
    }
    std::printf("%d defects, %d not found in %llu runs; the last was found in %llu\n", count,
                missed, static_cast<unsigned long long>(most),
                static_cast<unsigned long long>(slowest));
    return missed == 0 ? 0 : 1;
}

}  // namespace simulation
