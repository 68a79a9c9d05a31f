// SPDX-License-Identifier: BSL-1.0
//
// Instruments: what an event costs, with one thread and with two at once. Items are events; of
// instrument/sample they are blocks of cells that a counter is summed over, of
// instrument/quantiles and instrument/window windows. Beside them what one would write without the
// library: an atomic addition, a mutex around one, and prometheus-cpp's instruments
// (peers/prometheus_peers.cpp).
#include "benches.hpp"

#include <backends/instrument/counter.hpp>
#include <backends/instrument/distribution.hpp>
#include <backends/instrument/gauge.hpp>
#include <backends/instrument/histogram.hpp>
#include <backends/instrument/peak.hpp>
#include <backends/instrument/quantiles.hpp>
#include <backends/instrument/shared_cells.hpp>
#include <backends/storage/family.hpp>
#include <backends/storage/host.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <latch>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace bench {
namespace {

/// One for all threads of a run, whichever of them comes first.
template <class T>
T& shared() {
    static T one;
    return one;
}

template <class Instrument, class Event>
void events(benchmark::State& state, Event event) {
    Instrument& into = shared<Instrument>();
    std::uint32_t n = 0;
    for (auto _ : state) {
        event(into, ++n);
        benchmark::ClobberMemory();
    }
    set_items(state, static_cast<std::size_t>(state.iterations()));
}

template <class Instrument>
void in_hand(benchmark::State& state) {
    auto mine = shared<Instrument>().writer();
    for (auto _ : state) {
        mine.add();
        benchmark::ClobberMemory();
    }
    set_items(state, static_cast<std::size_t>(state.iterations()));
}

struct mutex_counter {
    std::mutex mutex;
    std::uint64_t total = 0;
};

/// As many blocks as there are numbers, and the one for all.
void sum_of_blocks(benchmark::State& state) {
    backends::thread_cells cells{1};
    constexpr std::size_t blocks = 64;
    std::latch recorded{blocks - 1};
    std::vector<std::thread> all;
    for (std::size_t n = 1; n < blocks; ++n) {
        all.emplace_back([&] {
            cells.mine().add(0, 1);
            recorded.arrive_and_wait();  // so that no number is used twice
        });
    }
    for (std::thread& one : all) {
        one.join();
    }
    for (auto _ : state) {
        benchmark::DoNotOptimize(cells.sum(0));
    }
    set_items(state, static_cast<std::size_t>(state.iterations()) * blocks);
}

using latency = backends::histogram<double>;

void quantiles_of_a_window(benchmark::State& state) {
    latency h;
    std::uint64_t random = 1;
    const auto record = [&] {
        for (int n = 0; n < 1000; ++n) {
            random = random * 6'364'136'223'846'793'005U + 1;
            h.record(1 + static_cast<double>(random >> 44U));
        }
    };
    record();
    const auto before = h.snapshot();
    record();
    const auto now = h.snapshot();
    for (auto _ : state) {
        benchmark::DoNotOptimize(backends::quantiles<50, 95, 99>::of(now.since(before)));
    }
    set_items(state, static_cast<std::size_t>(state.iterations()));
}

/// What an exporter does a cycle with a histogram that one thread records into.
void window_of_an_exporter(benchmark::State& state) {
    latency h;
    const auto of = backends::detail::reader_of("", h);
    std::vector<std::uint64_t> seen(of.shape.words());
    std::vector<std::uint64_t> now(of.shape.words());
    std::uint64_t random = 1;
    for (auto _ : state) {
        for (int n = 0; n < 16; ++n) {
            random = random * 6'364'136'223'846'793'005U + 1;
            h.record(1 + static_cast<double>(random >> 44U));
        }
        of.read(of.of, now.data());
        const backends::detail::distribution_window window{of.shape, seen.data(), now.data()};
        benchmark::DoNotOptimize(backends::quantiles<50, 95, 99>::of(window));
    }
    set_items(state, static_cast<std::size_t>(state.iterations()));
}

/// Of two labels, so many combinations of which there are; threads ask for different ones.
struct looked_up {
    backends::host host{"h"};
    backends::family<backends::counter, "endpoint", "status"> by{host, "http", {.most = 2'000}};
    std::vector<std::string> endpoints;

    looked_up() {
        for (int n = 0; n < 100; ++n) {
            endpoints.push_back("/endpoint/" + std::to_string(n));
        }
    }
};
void look_up(benchmark::State& state) {
    looked_up& all = shared<looked_up>();
    std::size_t n = static_cast<std::size_t>(state.thread_index()) * 50;
    for (auto _ : state) {
        n = n == 99 ? 0 : n + 1;
        all.by.at(all.endpoints[n], 200 + static_cast<int>(n % 4))->add();
    }
    set_items(state, static_cast<std::size_t>(state.iterations()));
}
/// Threads that ask for one series, whose copies are counted in one cache line; and one that they
/// look up once.
void look_up_same(benchmark::State& state) {
    looked_up& all = shared<looked_up>();
    for (auto _ : state) {
        all.by.at(all.endpoints[7], 200)->add();
    }
    set_items(state, static_cast<std::size_t>(state.iterations()));
}
void looked_up_once(benchmark::State& state) {
    looked_up& all = shared<looked_up>();
    const auto mine = all.by.at(all.endpoints[7], 200);
    for (auto _ : state) {
        mine->add();
        benchmark::ClobberMemory();
    }
    set_items(state, static_cast<std::size_t>(state.iterations()));
}
void lease_and_end(benchmark::State& state) {
    backends::host host{"h"};
    for (auto _ : state) {
        host.lease<backends::counter>("hits")->add();
    }
    set_items(state, static_cast<std::size_t>(state.iterations()));
}

template <class Run>
void add(const char* name, Run run) {
    for (const int threads : {1, 2}) {
        benchmark::RegisterBenchmark(name, run)->Threads(threads);
    }
}

}  // namespace

void add_instrument_benches() {
    using backends::counter;
    using shared_counter = backends::basic_counter<backends::shared_cells>;
    const auto count = [](auto& into, std::uint32_t) { into.add(); };
    add("instrument/counter", [=](auto& state) { events<counter>(state, count); });
    add("instrument/counter_in_hand", in_hand<counter>);
    add("instrument/shared_counter", [=](auto& state) { events<shared_counter>(state, count); });
    add("instrument/atomic", [](auto& state) {
        events<std::atomic<std::uint64_t>>(
            state, [](auto& into, std::uint32_t) { into.fetch_add(1, std::memory_order_relaxed); });
    });
    add("instrument/mutex", [](auto& state) {
        events<mutex_counter>(state, [](mutex_counter& into, std::uint32_t) {
            const std::scoped_lock lock{into.mutex};
            ++into.total;
        });
    });
    add("instrument/gauge", [](auto& state) {
        events<backends::gauge<std::uint32_t>>(state,
                                               [](auto& into, std::uint32_t n) { into.set(n); });
    });
    add("instrument/peak", [](auto& state) {
        events<backends::peak<std::uint32_t>>(
            state, [](auto& into, std::uint32_t n) { into.record(n % 1024); });
    });
    add("instrument/histogram", [](auto& state) {
        events<latency>(state, [](auto& into, std::uint32_t n) {
            into.record(1.0 + (n * 2'654'435'769U >> 12U));
        });
    });
    add("instrument/family", look_up);
    add("instrument/family_same_series", look_up_same);
    add("instrument/family_kept", looked_up_once);
    benchmark::RegisterBenchmark("instrument/lease", lease_and_end);
    benchmark::RegisterBenchmark("instrument/sample", sum_of_blocks);
    benchmark::RegisterBenchmark("instrument/quantiles", quantiles_of_a_window);
    benchmark::RegisterBenchmark("instrument/window", window_of_an_exporter);
}

}  // namespace bench
