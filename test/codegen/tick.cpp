// SPDX-License-Identifier: BSL-1.0
//
// What is measured as a tick and as recording: charts are reduced and formatted, by the library and
// by the loop that is written by hand, in every form of cell. No call of the system, and no lock.
//
// double_tick lacks: lock mfence
// double_record lacks: lock mfence xchg
// packed_tick lacks: lock mfence
// float_tick lacks: lock mfence
// collected_tick lacks: lock mfence
// collected_record lacks: lock mfence xchg
// tick_by_hand lacks: lock mfence
#include "hand_written.hpp"
#include "systems.hpp"

using namespace backends;

template <class Cell>
using averages = ::bench::ours<Cell, average, graphite_plaintext>;
using collected = ::bench::ours<double_cell, as_collected, graphite_plaintext>;

extern "C" ::bench::output double_tick(averages<double_cell>& one) { return one.tick(); }
extern "C" void double_record(averages<double_cell>& one) { one.record(10); }
extern "C" ::bench::output packed_tick(averages<packed_cell>& one) { return one.tick(); }
extern "C" ::bench::output float_tick(averages<float_cell>& one) { return one.tick(); }
extern "C" ::bench::output collected_tick(collected& one) { return one.tick(); }
extern "C" void collected_record(collected& one) { one.record(10); }
extern "C" ::bench::output tick_by_hand(::bench::hand_written& one) { return one.tick(); }
