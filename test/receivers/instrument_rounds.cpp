// SPDX-License-Identifier: BSL-1.0
//
// Eight threads record into a counter and a histogram, and the exporter sends them to a real
// receiver by a clock that the program moves. Prints what the threads themselves know:
//
//     round N COUNT P50 P95 P99    of the values that they recorded in slot N, exactly
//     total COUNT                  of all additions
//
// In the rounds the threads end before the slot does, so that its values are known. In the slots
// after them they record while the exporter samples.
#include <backends/exporter/exporter.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/instrument/counter.hpp>
#include <backends/instrument/histogram.hpp>
#include <backends/source/sum.hpp>
#include <backends/testing/hand_clock.hpp>
#include <backends/transport/tcp.hpp>

#include <boost/hana/adapt_struct.hpp>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <random>
#include <thread>
#include <vector>

using backends::testing::hand_clock, backends::testing::hand_policies;

struct rounds {
    backends::counter events;
    backends::histogram<double> values;
};
BOOST_HANA_ADAPT_STRUCT(rounds, events, values);

namespace {

constexpr int threads = 8;
constexpr int distributions = 5;
constexpr int values_each = 25'000;
constexpr std::uint64_t bundle = 10'000;  // additions between two looks of a thread
constexpr std::uint64_t bundles_a_slot = 20;
constexpr std::uint64_t concurrent_slots = 8;

/// All of them within the buckets, from 1 to 2^20.
double draw(int distribution, std::mt19937_64& random) {
    switch (distribution) {
        case 0: return std::uniform_real_distribution<double>{1, 1000}(random);
        case 1: return 1 + std::exponential_distribution<double>{0.01}(random);
        case 2: return 1 + std::lognormal_distribution<double>{4, 1}(random);
        case 3:
            return std::min(std::pow(std::generate_canonical<double, 53>(random) + 1e-9, -0.5),
                            1e6);
        default:  // two humps
            return std::max(1.0, std::normal_distribution<double>{
                                     random() % 10 == 0 ? 9000.0 : 80.0, 7.0}(random));
    }
}

/// The least value up to which so many of all are.
double exact(const std::vector<double>& sorted, double q) {
    const auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(sorted.size())));
    return sorted[rank - 1];
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fputs("instrument_rounds DESTINATION\n", stderr);
        return 2;
    }
    hand_clock::time = backends::testing::manual_clock{std::time(nullptr) - 1800};
    backends::host host{"h1"};
    auto& recorded = host.instrument<rounds>("rounds");
    backends::exporter<backends::sum, backends::graphite_plaintext, backends::tcp, backends::host,
                       hand_policies>
        exporter{host,
                 {.destination = argv[1],
                  .prefix = "p",
                  .update_every = backends::seconds{1},
                  .align = false,
                  .self_monitoring = false}};
    const auto next_slot = [&exporter] {
        hand_clock::time.advance(backends::seconds{1});
        exporter.poll(hand_clock::steady_now());
    };
    exporter.poll(hand_clock::steady_now());

    for (int round = 0; round < distributions; ++round) {
        std::vector<std::vector<double>> known(threads);
        std::vector<std::jthread> workers;
        for (int t = 0; t < threads; ++t) {
            workers.emplace_back([&recorded, &mine = known[static_cast<std::size_t>(t)], round, t] {
                std::mt19937_64 random{static_cast<std::uint64_t>(100 * round + t)};
                for (int n = 0; n < values_each; ++n) {
                    mine.push_back(draw(round, random));
                    recorded.values.record(mine.back());
                    recorded.events.add();
                }
            });
        }
        workers.clear();
        next_slot();
        std::vector<double> all;
        for (const std::vector<double>& mine : known) {
            all.insert(all.end(), mine.begin(), mine.end());
        }
        std::sort(all.begin(), all.end());
        std::printf("round %d %zu %.17g %.17g %.17g\n", round, all.size(), exact(all, 0.50),
                    exact(all, 0.95), exact(all, 0.99));
    }

    std::atomic<bool> ends = false;
    std::atomic<std::uint64_t> bundles = 0;
    std::vector<std::jthread> workers;
    for (int t = 0; t < threads; ++t) {
        workers.emplace_back([&] {
            while (!ends) {
                for (std::uint64_t n = 0; n != bundle; ++n) {
                    recorded.events.add();
                    recorded.values.record(100);
                }
                ++bundles;
            }
        });
    }
    for (std::uint64_t slot = 1; slot <= concurrent_slots; ++slot) {
        while (bundles < bundles_a_slot * slot) {
            std::this_thread::yield();
        }
        next_slot();
    }
    ends = true;
    workers.clear();
    exporter.request_stop(backends::seconds{30});
    while (!exporter.finished()) {
        exporter.poll(hand_clock::steady_now());
        hand_clock::time.advance(backends::nanoseconds{100'000});
        std::this_thread::yield();
    }
    const std::uint64_t total =
        std::uint64_t{threads} * values_each * distributions + bundles * bundle;
    std::printf("total %llu\n", static_cast<unsigned long long>(total));
    const backends::counters now = exporter.counters();
    return now.balanced() && now.accepted == now.confirmed ? 0 : 1;
}
