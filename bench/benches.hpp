// SPDX-License-Identifier: BSL-1.0
//
// Every stage registers its benchmarks by name. What they share with the benchmarks of users is in
// backends/bench/.
#pragma once

#include <backends/bench/kept_system.hpp>
#include <backends/bench/state.hpp>
#include <backends/bench/tick.hpp>
#include <backends/bench/timed_runs.hpp>
#include <backends/bench/workload.hpp>

#include <benchmark/benchmark.h>

namespace bench {

using namespace backends::bench;

void add_instrument_benches();
void add_record_benches();
void add_reduce_benches();
void add_layout_benches();
void add_number_benches();
void add_line_benches();
void add_tick_benches();
void add_ship_benches();

}  // namespace bench
