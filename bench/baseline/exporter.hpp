// SPDX-License-Identifier: BSL-1.0
//
// Baseline: what the library replaces, in plain C++. Lists of charts and dimensions, a ring of
// packed cells for each dimension, one slot unpacked at a time in long double with a test for the
// ring's end, one printf for each line. It shares no code with the library.
#pragma once

#include "baseline/growing_buffer.hpp"

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <vector>

namespace baseline {

struct dimension {
    std::string id;
    std::vector<std::uint32_t> cells;
    std::int64_t collected = 0;
    std::int64_t collected_at = 0;
};

/// Samples of all dimensions, one every second.
struct chart {
    std::string id;
    std::size_t entries = 0;
    std::size_t next = 0;     // index of the next slot in every ring
    std::size_t stored = 0;   // slots ever stored
    std::int64_t newest = 0;  // its time
    std::list<dimension> dimensions;
};

struct host {
    std::string prefix;
    std::string hostname;
    std::list<chart> charts;
};

chart& add_chart(host&, std::string id, const std::vector<std::string>& dimensions,
                 std::size_t entries);

/// A value of one dimension at the chart's next slot, which is `at`.
void store(const chart&, dimension&, std::int64_t at, double value) noexcept;
/// As collected: an integer, kept beside the ring.
void collect(dimension&, std::int64_t at, std::int64_t value) noexcept;
void store_gap(const chart&, dimension&) noexcept;
/// All dimensions have their cells of the next slot.
void advance(chart&, std::int64_t at) noexcept;

enum class source { average, sum, as_collected };
enum class format { graphite, opentsdb, json };

/// Prints a line for each dimension that has something in (after, before]. Returns their number.
std::size_t print_lines(const host&, source, format, std::int64_t after, std::int64_t before,
                        growing_buffer& out);

/// The reductions alone, added up.
long double reduce_all(const host&, source, std::int64_t after, std::int64_t before) noexcept;

}  // namespace baseline
