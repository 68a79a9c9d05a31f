// SPDX-License-Identifier: BSL-1.0
//
// Storage: what a chart and its dimensions are registered with: ids, algorithms, factors.
#pragma once

#include <backends/core/time.hpp>
#include <backends/storage/collected.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace backends::inline BACKENDS_ISA {

/// How collected values become stored ones.
enum class algorithm : std::uint8_t {
    absolute,                       ///< value * multiplier / divisor
    incremental,                    ///< rate per second of a counter, * multiplier / divisor
    percentage_of_absolute_row,     ///< share of the total of the row's values, in percent
    percentage_of_incremental_row,  ///< share of the row's increments, in percent
};
using enum algorithm;

/// Slots of a chart of dynamic_capacity that says no other number.
inline constexpr std::size_t default_capacity = 300;

/// What a chart is made with. The algorithm and the factors hold for all dimensions that have no
/// others of their own.
struct chart_options {
    /// Seconds between slots, 1 to 2^32.
    seconds update_every{1};
    backends::algorithm algorithm = absolute;
    /// Stored values are scaled by multiplier / divisor; the divisor is not 0. Percentages are not.
    std::int64_t multiplier = 1;
    std::int64_t divisor = 1;
    /// Slots in the ring of a chart of dynamic_capacity, 1 to 2^29; default_capacity where nothing
    /// is said. Of other charts the type says it, and another number here is an error.
    std::optional<std::size_t> entries = {};
    /// A row whose time is before that of the slot that is due, by at most this, is late or the
    /// second one in its slot: it is refused. One that is further back is believed: somebody has
    /// set the clock. From 0 to 2^32 seconds, and a slot at least; when left out, the longer of
    /// three slots and five seconds.
    std::optional<seconds> allowed_lateness = {};
};

/// What one dimension has of its own; what is left out is the chart's.
struct dimension_options {
    std::optional<backends::algorithm> algorithm = {};
    std::optional<std::int64_t> multiplier = {};
    std::optional<std::int64_t> divisor = {};
    /// What it collects: doubles, or integers that are exported as integers.
    std::optional<value_kind> kind = {};
};

/// A dimension to be registered. A plain name is one: {"user", {"idle", {.divisor = 10}}}.
struct new_dimension {
    std::string id;
    dimension_options options;

    new_dimension(std::string name, dimension_options own = {})
        : id{std::move(name)}, options{own} {}
    new_dimension(std::string_view name, dimension_options own = {}) : id{name}, options{own} {}
    new_dimension(const char* name, dimension_options own = {}) : id{name}, options{own} {}
};

/// A registered dimension. Its id stays valid as long as its chart.
struct dimension {
    std::string_view id;
    std::int64_t multiplier = 1;
    std::int64_t divisor = 1;
    backends::algorithm algorithm = absolute;
    value_kind kind = value_kind::floating;
};

}  // namespace backends
