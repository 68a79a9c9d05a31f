// SPDX-License-Identifier: BSL-1.0
//
// Every stage registers its benchmarks by name, and what they share.
#pragma once

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <typeindex>

namespace bench {

void add_instrument_benches();
void add_record_benches();
void add_reduce_benches();
void add_layout_benches();
void add_number_benches();
void add_line_benches();
void add_tick_benches();
void add_ship_benches();

/// What a benchmark measures, from call to call: the tool calls each several times to find its
/// number of iterations, and a million series take seconds to build. Only the last one is kept.
struct kept_system {
    std::type_index type = typeid(void);
    std::size_t series = 0;
    std::shared_ptr<void> system;
};
inline kept_system the_kept_system;

template <class System>
System& kept(std::size_t series) {
    kept_system& k = the_kept_system;
    if (k.type != typeid(System) || k.series != series) {
        k.system.reset();  // first, so that two never need memory at once
        k = {typeid(System), series, std::make_shared<System>(series)};
    }
    return *static_cast<System*>(k.system.get());
}

inline void set_items(benchmark::State& state, std::size_t items, std::size_t bytes = 0) {
    state.SetItemsProcessed(static_cast<std::int64_t>(items));
    if (bytes != 0) {
        state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
    }
}

/// Times runs one by one: on a machine that does other things too, the shortest says most. Reading
/// the clock twice is some 50 ns of it.
class timed_runs {
    using clock = std::chrono::steady_clock;

public:
    /// `run()` returns how many items it made.
    template <class Run>
    void operator()(Run run) {
        const auto begin = clock::now();
        const std::size_t items = run();
        const std::chrono::duration<double> taken = clock::now() - begin;
        seconds_ += taken.count();
        least_ = std::min(least_, taken.count() / static_cast<double>(items));
    }
    [[nodiscard]] double seconds() const noexcept { return seconds_; }
    /// Of an item in the shortest run.
    [[nodiscard]] double least_ns() const noexcept { return least_ * 1e9; }

private:
    double seconds_ = 0;
    double least_ = std::numeric_limits<double>::infinity();
};

/// Ticks of a system, each after new samples, which are not counted. `between()` is called before
/// these. Adds up what the ticks give, and says what the shortest took.
template <class System, class Output, class Between>
timed_runs measure_ticks(benchmark::State& state, System& system, std::size_t window, Output& all,
                         Between between) {
    timed_runs ticks;
    for (auto _ : state) {
        state.PauseTiming();
        between();
        system.record(window);
        state.ResumeTiming();
        ticks([&] {
            const Output one = system.tick();
            all.lines += one.lines;
            all.bytes += one.bytes;
            return one.lines;
        });
    }
    state.counters["least_ns"] = ticks.least_ns();
    return ticks;
}

inline std::string sized(const std::string& name, std::size_t series, std::size_t window) {
    return name + "/series:" + std::to_string(series) + "/window:" + std::to_string(window);
}

}  // namespace bench
