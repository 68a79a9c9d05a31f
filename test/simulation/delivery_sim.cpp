// SPDX-License-Identifier: BSL-1.0
//
// delivery_sim: runs the delivery machine on simulated networks and checks every promise after
// every step. Exits 0 only when all were kept; a broken one is printed with the shortest schedule
// that shows it and the command that runs that schedule again.
#include <backends/cell/double_cell.hpp>
#include <backends/cell/float_cell.hpp>
#include <backends/cell/packed_cell.hpp>
#include <backends/storage/locked.hpp>
#include <backends/storage/unsynchronized.hpp>
#include <backends/storage/wait_free.hpp>
#include <backends/testing/run_recording.hpp>
#include <backends/testing/run_schedule.hpp>
#include <backends/testing/shrink.hpp>

#include "soak.hpp"
#include "variants.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace {

using backends::testing::schedule;
using backends::testing::simulation_result;
using backends::testing::step;

struct arguments {
    std::uint64_t schedules = 10'000;
    std::uint64_t seed = 1;
    std::string level = "all";
    std::vector<std::size_t> keep;
    bool keeps = false;
    std::uint64_t soak_days = 0;
    bool recording = false;
    bool transitions = false;
    backends::record_end ends = backends::record_end::newline;
};

[[noreturn]] void usage() {
    std::fputs(
        "usage: delivery_sim [--schedules N] [--seed S] [--level "
        "written|acked|acked_replay|epoch|all]\n"
        "                    [--records newline|length]   what ends them\n"
        "                    [--keep I,J,...]   only these steps of the schedule\n"
        "       delivery_sim --transitions N [--seed S]   are they those of the table?\n"
        "       delivery_sim --soak DAYS [--seed S] [--level L]\n"
        "       delivery_sim --recording N [--seed S]   clocks and rings instead of networks\n",
        stderr);
    std::exit(2);
}

std::vector<std::size_t> indices(std::string_view text) {
    std::vector<std::size_t> out;
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        out.push_back(std::strtoull(std::string{text.substr(0, comma)}.c_str(), nullptr, 10));
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return out;
}

arguments parse(int argc, char** argv) {
    arguments a;
    for (int i = 1; i < argc; ++i) {
        const std::string_view key = argv[i];
        if (i + 1 == argc) {
            usage();
        }
        const char* const value = argv[++i];
        if (key == "--schedules") {
            a.schedules = std::strtoull(value, nullptr, 10);
        } else if (key == "--seed") {
            a.seed = std::strtoull(value, nullptr, 10);
        } else if (key == "--level") {
            a.level = value;
        } else if (key == "--keep") {
            a.keep = indices(value);
            a.keeps = true;
        } else if (key == "--recording") {
            a.schedules = std::strtoull(value, nullptr, 10);
            a.recording = true;
        } else if (key == "--transitions") {
            a.schedules = std::strtoull(value, nullptr, 10);
            a.transitions = true;
        } else if (key == "--records" && std::string_view{value} == "length") {
            a.ends = backends::record_end::length;
        } else if (key == "--records" && std::string_view{value} == "newline") {
            a.ends = backends::record_end::newline;
        } else if (key == "--soak") {
            a.soak_days = std::strtoull(value, nullptr, 10);
        } else {
            usage();
        }
    }
    if (simulation::variants_of(a.level, a.ends).empty()) {
        usage();
    }
    return a;
}

void report(const arguments& a, const simulation::variant& v, const schedule& failed,
            const char* what) {
    const auto kept = backends::testing::shrink(failed, [&](const schedule& part) {
        const char* const found = v.run(part).broken;
        return found != nullptr && std::string_view{found} == what;
    });
    std::string list;
    for (const std::size_t i : kept) {
        list += (list.empty() ? "" : ",") + std::to_string(i);
    }
    std::printf("violation: %s\n  machine: %.*s\n  %zu of %zu steps show it: %s\n", what,
                static_cast<int>(v.name.size()), v.name.data(), kept.size(), failed.steps.size(),
                backends::testing::only(failed, kept).text().c_str());
    std::printf("  again: delivery_sim --level %s%s --seed %llu --schedules 1 --keep %s\n",
                a.level.c_str(), a.ends == backends::record_end::length ? " --records length" : "",
                static_cast<unsigned long long>(failed.seed), list.empty() ? "-" : list.c_str());
}

int run(const arguments& a) {
    const auto machines = simulation::variants_of(a.level, a.ends);
    std::uint64_t hash = 0;
    std::uint64_t violations = 0;
    std::uint64_t steps = 0;
    simulation_result sum;
    schedule what;
    const auto began = std::chrono::steady_clock::now();
    const std::clock_t cpu_began = std::clock();
    for (std::uint64_t seed = a.seed; seed != a.seed + a.schedules; ++seed) {
        const simulation::variant& v = machines[seed % machines.size()];
        simulation::draw(what, seed, v);
        if (a.keeps) {
            what = backends::testing::only(what, a.keep);
        }
        const simulation_result done = v.run(what);
        hash = hash * 31 + done.hash;
        steps += what.steps.size();
        sum.read += done.read;
        sum.duplicates += done.duplicates;
        sum.counters.accepted += done.counters.accepted;
        sum.counters.confirmed += done.counters.confirmed;
        sum.counters.dropped[0] += done.counters.lost();
        sum.counters.connections += done.counters.connections;
        if (done.broken != nullptr && ++violations <= 5) {
            report(a, v, what, done.broken);
        }
        if (seed == a.seed && v.run(what).hash != done.hash) {
            ++violations;
            std::printf("violation: one seed, two runs\n");
        }
    }
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - began;
    const double cpu = static_cast<double>(std::clock() - cpu_began) / CLOCKS_PER_SEC;
    const auto n = static_cast<double>(a.schedules);
    std::printf("level %s: %llu schedules, %llu steps, %.0f schedules/s (%.0f per second of CPU)\n",
                a.level.c_str(), static_cast<unsigned long long>(a.schedules),
                static_cast<unsigned long long>(steps), n / wall.count(), n / cpu);
    std::printf(
        "lines: %llu accepted, %llu confirmed, %llu dropped; read %llu times, %llu of them again; "
        "%llu connections\n",
        static_cast<unsigned long long>(sum.counters.accepted.lines),
        static_cast<unsigned long long>(sum.counters.confirmed.lines),
        static_cast<unsigned long long>(sum.counters.lost().lines),
        static_cast<unsigned long long>(sum.read), static_cast<unsigned long long>(sum.duplicates),
        static_cast<unsigned long long>(sum.counters.connections));
    std::printf("violations: %llu, hash %016llx\n", static_cast<unsigned long long>(violations),
                static_cast<unsigned long long>(hash));
    return violations == 0 ? 0 : 1;
}

template <class Cell, class Recording>
std::uint64_t record(const arguments& a, const char* name) {
    using namespace backends::testing;
    recording_result sum;
    std::uint64_t violations = 0;
    const std::clock_t began = std::clock();
    for (std::uint64_t seed = a.seed; seed != a.seed + a.schedules; ++seed) {
        const recording_result done = recording_simulation<Cell, Recording>::run(seed);
        sum.hash = sum.hash * 31 + done.hash;
        sum.samples += done.samples;
        sum.overrun += done.overrun;
        sum.ticks += done.ticks;
        sum.missed_ticks += done.missed_ticks;
        if (done.broken != nullptr && ++violations <= 5) {
            std::printf("violation: %s\n  again: delivery_sim --recording 1 --seed %llu\n",
                        done.broken, static_cast<unsigned long long>(seed));
        }
    }
    const double cpu = static_cast<double>(std::clock() - began) / CLOCKS_PER_SEC;
    std::printf(
        "%s: %llu schedules, %.0f per second of CPU; %llu samples, %llu of them overrun; %llu "
        "ticks, "
        "%llu missed; violations: %llu, hash %016llx\n",
        name, static_cast<unsigned long long>(a.schedules), static_cast<double>(a.schedules) / cpu,
        static_cast<unsigned long long>(sum.samples), static_cast<unsigned long long>(sum.overrun),
        static_cast<unsigned long long>(sum.ticks),
        static_cast<unsigned long long>(sum.missed_ticks),
        static_cast<unsigned long long>(violations), static_cast<unsigned long long>(sum.hash));
    return violations;
}

int record_all(const arguments& a) {
    std::uint64_t violations =
        record<backends::double_cell, backends::wait_free>(a, "wait_free, double");
    violations +=
        record<backends::float_cell, backends::unsynchronized>(a, "unsynchronized, float");
    violations += record<backends::packed_cell, backends::locked>(a, "locked, packed");
    return violations == 0 ? 0 : 1;
}

/// Compares the transitions that the machines make with those of the table.
int compare_transitions(const arguments& a) {
    using backends::detail::transition_bit;
    const auto machines = simulation::variants_of("all");
    std::uint64_t seen = 0;
    schedule what;
    for (std::uint64_t seed = a.seed; seed != a.seed + a.schedules; ++seed) {
        const simulation::variant& v = machines[seed % machines.size()];
        simulation::draw(what, seed, v);
        seen |= v.run(what).transitions;
    }
    int mistakes = 0;
    std::uint64_t documented = 0;
    for (const auto& row : backends::detail::delivery_transitions) {
        const std::uint64_t bit = transition_bit(row.from, row.to);
        documented |= bit;
        if ((seen & bit) == 0) {
            ++mistakes;
            std::printf("no machine went from %s to %s: %s\n", to_string(row.from),
                        to_string(row.to), row.event);
        }
    }
    for (std::size_t from = 0; from != backends::delivery_phases; ++from) {
        for (std::size_t to = 0; to != backends::delivery_phases; ++to) {
            const auto before = static_cast<backends::delivery_phase>(from);
            const auto after = static_cast<backends::delivery_phase>(to);
            if ((seen & ~documented & transition_bit(before, after)) != 0) {
                ++mistakes;
                std::printf("a machine went from %s to %s, which is not in the table\n",
                            to_string(before), to_string(after));
            }
        }
    }
    std::printf("%zu transitions in the table, %d mistakes\n",
                std::size(backends::detail::delivery_transitions), mistakes);
    return mistakes == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    const arguments a = parse(argc, argv);
    if (a.recording) {
        return record_all(a);
    }
    if (a.transitions) {
        return compare_transitions(a);
    }
    return a.soak_days != 0 ? simulation::soak(a.soak_days, a.seed, a.level) : run(a);
}
