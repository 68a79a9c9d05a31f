// SPDX-License-Identifier: BSL-1.0
//
// The least time of a tick, nanoseconds a line, of a thousand series with ten samples each: a
// program of one file, which tools/bench --flags compiles in several ways. A row per system: its
// name, the time.
//
//   tick_timed [TICKS]      2000 if not said
#include "hand_written.hpp"
#include "systems.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <limits>

namespace {

constexpr std::size_t series = 1000;
constexpr std::size_t window = 10;

/// Whether each series had a line in every tick.
template <class System>
bool time(const char* name, long ticks) {
    using clock = std::chrono::steady_clock;
    System system{series};
    double least = std::numeric_limits<double>::infinity();
    for (long n = 0; n < ticks; ++n) {
        system.record(window);
        const auto begin = clock::now();
        const bench::output made = system.tick();
        const std::chrono::duration<double, std::nano> taken = clock::now() - begin;
        if (made.lines != series) {
            std::fprintf(stderr, "%s: %zu lines\n", name, made.lines);
            return false;
        }
        least = std::min(least, taken.count() / series);
    }
    std::printf("%s %.2f\n", name, least);
    return true;
}

}  // namespace

int main(int argc, char** argv) {
    using namespace backends;
    const long ticks = argc > 1 ? std::strtol(argv[1], nullptr, 10) : 2000;
    const bool all =
        time<::bench::ours<double_cell, average, graphite_plaintext>>("double", ticks) &&
        time<::bench::ours<packed_cell, average, graphite_plaintext>>("packed", ticks) &&
        time<::bench::hand_written>("hand_written", ticks);
    return all ? 0 : 1;
}
