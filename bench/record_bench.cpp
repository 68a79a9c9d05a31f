// SPDX-License-Identifier: BSL-1.0
//
// Recording: one row of ten dimensions. Items are samples. record/<policy> stores a whole row, and
// with a suffix a struct, dimension by dimension, counters as rates, or packed cells. Beside them
// what one would write without the library: a mutex and a deque of rows.
#include "benches.hpp"

#include <backends/bench/record.hpp>
#include <backends/cell/packed_cell.hpp>
#include <backends/storage/host.hpp>
#include <backends/storage/locked.hpp>
#include <backends/storage/unsynchronized.hpp>
#include <backends/storage/wait_free.hpp>

#include <boost/circular_buffer.hpp>
#include <boost/hana/define_struct.hpp>

#include <mutex>

namespace bench {

struct ten {
    BOOST_HANA_DEFINE_STRUCT(ten, (double, a), (double, b), (double, c), (double, d), (double, e),
                             (double, f), (double, g), (double, h), (double, i), (double, j));
};

namespace {

template <class Policy, class Cell = backends::double_cell>
void whole_rows(benchmark::State& state) {
    record_rows<Policy, Cell>(state);
}

template <class Policy>
void structs(benchmark::State& state) {
    backends::basic_host<backends::double_cell, 3600, Policy> host{hostname};
    auto& chart = host.template add<ten>(chart_id(0));
    measure_recording(state, [&](std::int64_t at, const sample_row& v) {
        static_cast<void>(
            chart.record(at, ten{v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9]}));
    });
}

template <class Policy>
void one_by_one(benchmark::State& state) {
    backends::basic_host<backends::double_cell, 3600, Policy> host{hostname};
    auto& chart = host.add(chart_id(0), ten_dimensions());
    measure_recording(state, [&](std::int64_t at, const sample_row& values) {
        for (std::size_t i = 0; i < chart_width; ++i) {
            chart.set(i, values[i]);
        }
        static_cast<void>(chart.commit(at));
    });
}

template <class Policy>
void rates(benchmark::State& state) {
    backends::basic_host<backends::double_cell, 3600, Policy> host{hostname};
    auto& chart = host.add(chart_id(0), ten_dimensions(), {.algorithm = backends::incremental});
    measure_recording(state, [&](std::int64_t at, const sample_row& values) {
        static_cast<void>(chart.record(at, values));
    });
}

void mutex_and_buffer(benchmark::State& state) {
    struct kept_row {
        std::int64_t at;
        sample_row values;
    };
    std::mutex mutex;
    boost::circular_buffer<kept_row> kept(3600);
    measure_recording(state, [&](std::int64_t at, const sample_row& values) {
        const std::lock_guard lock{mutex};
        kept.push_back({at, values});
    });
}

template <class Policy>
void add_policy(const std::string& policy) {
    const std::string name = "record/" + policy;
    benchmark::RegisterBenchmark(name.c_str(), whole_rows<Policy>);
    benchmark::RegisterBenchmark((name + "/struct").c_str(), structs<Policy>);
    benchmark::RegisterBenchmark((name + "/one_by_one").c_str(), one_by_one<Policy>);
    benchmark::RegisterBenchmark((name + "/incremental").c_str(), rates<Policy>);
    benchmark::RegisterBenchmark((name + "/packed").c_str(),
                                 whole_rows<Policy, backends::packed_cell>);
}

}  // namespace

void add_record_benches() {
    add_policy<backends::unsynchronized>("unsynchronized");
    add_policy<backends::wait_free>("wait_free");
    add_policy<backends::locked>("locked");
    benchmark::RegisterBenchmark("record/mutex_and_circular_buffer", mutex_and_buffer);
}

}  // namespace bench
