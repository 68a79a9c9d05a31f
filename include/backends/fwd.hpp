// SPDX-License-Identifier: BSL-1.0
//
// The names of what programs hand around, for headers that only mention them: no more than
// <cstddef> is included. The default arguments of charts, hosts and exporters stand here alone.
#pragma once

#include <backends/isa.hpp>

#include <cstddef>

namespace backends::inline BACKENDS_ISA {

// core
struct seconds;
struct nanoseconds;
struct instant;
struct decimal;
struct counters;
class config_error;

// instrument
class thread_cells;
class shared_cells;
template <class T>
class gauge;
template <class T>
class peak;
template <class T>
class least;

// storage
struct double_cell;
struct float_cell;
struct packed_cell;
struct unsynchronized;
struct wait_free;
class locked;
/// Slots of a chart if nothing is said: five minutes of one-second slots.
inline constexpr std::size_t default_capacity = 300;
template <class Cell = double_cell, std::size_t Capacity = default_capacity,
          class Recording = wait_free>
class basic_chart;
template <class Cell = double_cell, std::size_t Capacity = default_capacity,
          class Recording = wait_free>
class basic_host;
/// A chart of doubles, five minutes of one-second slots, one recording thread.
using chart = basic_chart<>;
/// Owns such charts.
using host = basic_host<>;

// source
struct average;
struct sum;
struct minimum;
struct maximum;
struct last;
struct count;
struct as_collected;

// format
struct graphite_plaintext;
struct opentsdb_telnet;
struct json_plaintext;
struct influx_lines;
struct statsd;
struct dogstatsd;

// delivery
struct destination;
struct delivery_options;
enum class record_end : unsigned char;
template <class Confirmation, class Overflow, class Backoff, class Random, record_end Ends>
class delivery;

// transport
class memory;

// exporter
struct options;
struct stop_result;
struct default_policies;
template <class Source, class Format, class Transport, class Host = host,
          class Policies = default_policies>
class exporter;

}  // namespace backends
