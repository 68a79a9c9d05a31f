// SPDX-License-Identifier: BSL-1.0
//
// Recording: one row of ten dimensions. Items are samples. record/<policy> stores a whole row, and
// with a suffix a struct, dimension by dimension, counters as rates, or packed cells. Beside them
// what one would write without the library: a mutex and a deque of rows.
#include "benches.hpp"

#include <backends/cell/packed_cell.hpp>
#include <backends/storage/host.hpp>
#include <backends/storage/locked.hpp>
#include <backends/storage/unsynchronized.hpp>
#include <backends/storage/wait_free.hpp>

#include "workload.hpp"

#include <boost/circular_buffer.hpp>
#include <boost/hana/define_struct.hpp>

#include <array>
#include <mutex>
#include <vector>

namespace bench {

struct ten {
    BOOST_HANA_DEFINE_STRUCT(ten, (double, a), (double, b), (double, c), (double, d), (double, e),
                             (double, f), (double, g), (double, h), (double, i), (double, j));
};

namespace {

using row = std::array<double, chart_width>;

constexpr row first_row{1.5, 2.25, 3.125, 4, 5, 6.5, 7, 8.75, 9, 10};

std::vector<backends::new_dimension> dimensions() {
    std::vector<backends::new_dimension> all;
    for (std::size_t d = 0; d < chart_width; ++d) {
        all.emplace_back(dimension_id(d));
    }
    return all;
}

/// `store` records the row at a time; every row differs from the last one.
template <class Store>
void measure(benchmark::State& state, Store store) {
    std::int64_t at = start_time;
    row values = first_row;
    for (auto _ : state) {
        ++at;
        values[0] += 1;
        benchmark::DoNotOptimize(values);
        store(at, values);
        benchmark::ClobberMemory();
    }
    set_items(state, static_cast<std::size_t>(state.iterations()) * chart_width);
}

template <class Policy, class Cell = backends::double_cell>
void rows(benchmark::State& state) {
    backends::basic_host<Cell, 3600, Policy> host{hostname};
    auto& chart = host.add(chart_id(0), dimensions());
    measure(state, [&](std::int64_t at, const row& values) {
        static_cast<void>(chart.record(at, values));
    });
}

template <class Policy>
void structs(benchmark::State& state) {
    backends::basic_host<backends::double_cell, 3600, Policy> host{hostname};
    auto& chart = host.template add<ten>(chart_id(0));
    measure(state, [&](std::int64_t at, const row& v) {
        static_cast<void>(
            chart.record(at, ten{v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9]}));
    });
}

template <class Policy>
void one_by_one(benchmark::State& state) {
    backends::basic_host<backends::double_cell, 3600, Policy> host{hostname};
    auto& chart = host.add(chart_id(0), dimensions());
    measure(state, [&](std::int64_t at, const row& values) {
        for (std::size_t i = 0; i < chart_width; ++i) {
            chart.set(i, values[i]);
        }
        static_cast<void>(chart.commit(at));
    });
}

template <class Policy>
void rates(benchmark::State& state) {
    backends::basic_host<backends::double_cell, 3600, Policy> host{hostname};
    auto& chart = host.add(chart_id(0), dimensions(), {.algorithm = backends::incremental});
    measure(state, [&](std::int64_t at, const row& values) {
        static_cast<void>(chart.record(at, values));
    });
}

void mutex_and_buffer(benchmark::State& state) {
    struct kept_row {
        std::int64_t at;
        row values;
    };
    std::mutex mutex;
    boost::circular_buffer<kept_row> kept(3600);
    measure(state, [&](std::int64_t at, const row& values) {
        const std::lock_guard lock{mutex};
        kept.push_back({at, values});
    });
}

template <class Policy>
void add_policy(const std::string& policy) {
    const std::string name = "record/" + policy;
    benchmark::RegisterBenchmark(name.c_str(), rows<Policy>);
    benchmark::RegisterBenchmark((name + "/struct").c_str(), structs<Policy>);
    benchmark::RegisterBenchmark((name + "/one_by_one").c_str(), one_by_one<Policy>);
    benchmark::RegisterBenchmark((name + "/incremental").c_str(), rates<Policy>);
    benchmark::RegisterBenchmark((name + "/packed").c_str(), rows<Policy, backends::packed_cell>);
}

}  // namespace

void add_record_benches() {
    add_policy<backends::unsynchronized>("unsynchronized");
    add_policy<backends::wait_free>("wait_free");
    add_policy<backends::locked>("locked");
    benchmark::RegisterBenchmark("record/mutex_and_circular_buffer", mutex_and_buffer);
}

}  // namespace bench
