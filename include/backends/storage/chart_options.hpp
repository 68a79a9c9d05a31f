// SPDX-License-Identifier: BSL-1.0
//
// Storage: the registration of a chart and its dimensions: ids, algorithms, factors.
#pragma once

#include <backends/core/export_names.hpp>
#include <backends/core/time.hpp>
#include <backends/fwd.hpp>
#include <backends/storage/collected.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace backends::inline BACKENDS_ISA {

/// How a chart converts collected values to stored ones.
enum class algorithm : std::uint8_t {
    absolute,                       ///< value * multiplier / divisor
    incremental,                    ///< rate per second of a counter, * multiplier / divisor
    percentage_of_absolute_row,     ///< share of the total of the row's values, in percent
    percentage_of_incremental_row,  ///< share of the row's increments, in percent
    difference,  ///< growth of a counter that began at 0 with its chart, * multiplier / divisor
};
using enum algorithm;

/// The options of a chart. The algorithm and the factors are defaults for its dimensions.
struct chart_options {
    /// Seconds between slots, 1 to 2^32.
    seconds update_every{1};
    backends::algorithm algorithm = absolute;  ///< what a stored value means
    /// Scale stored values by multiplier / divisor, except percentages. The divisor is not 0.
    std::int64_t multiplier = 1;
    std::int64_t divisor = 1;  ///< see multiplier
    /// Slots in the ring of a chart of dynamic_capacity, 1 to 2^29; by default default_capacity.
    /// The type of any other chart fixes the number, and a different number here is an error.
    std::optional<std::size_t> entries = {};
    /// A row at most this long before the due slot's time is late, or the second one in its slot,
    /// and is refused. A row further back means that somebody set the clock, and is accepted. 0 to
    /// 2^32 seconds, at least one slot; by default the longer of three slots and five seconds.
    std::optional<seconds> allowed_lateness = {};
    /// Tags of the chart's lines, after the exporter's own: {{"disk", "sda"}}. Names differ and are
    /// not empty. Charts with equal ids and other labels are different charts.
    std::vector<tag> labels = {};
};

namespace detail {
/// The number of newest slots in which a row is late. Not inlined: at -O1 g++ 12 then warns of an
/// optional value that it takes for read.
[[gnu::noinline]] inline std::uint32_t late_slots(const chart_options& options) noexcept {
    const std::int64_t every = options.update_every.value;
    const std::int64_t n = options.allowed_lateness ? options.allowed_lateness->value / every
                                                    : (5 / every > 3 ? 5 / every : 3);
    return n < 1 ? 1 : n > UINT32_MAX ? UINT32_MAX : static_cast<std::uint32_t>(n);
}
}  // namespace detail

/// Options of one dimension. An unset option is the chart's.
struct dimension_options {
    std::optional<backends::algorithm> algorithm = {};  ///< what a stored value means
    std::optional<std::int64_t> multiplier = {};        ///< see chart_options
    std::optional<std::int64_t> divisor = {};           ///< not 0
    /// The collected type: doubles, or integers that are exported as integers.
    std::optional<value_kind> kind = {};
};

/// A dimension to register. A plain name converts to one: {"user", {"idle", {.divisor = 10}}}.
struct new_dimension {
    std::string id;             ///< unique in its chart
    dimension_options options;  ///< of its own

    /// Copies the name.
    new_dimension(std::string name, dimension_options own = {})
        : id{std::move(name)}, options{own} {}
    new_dimension(std::string_view name, dimension_options own = {}) : id{name}, options{own} {}
    new_dimension(const char* name, dimension_options own = {}) : id{name}, options{own} {}
};

namespace detail {
struct named_kind {
    const char* name;
    std::optional<value_kind> kind;

    // NOLINTNEXTLINE(google-explicit-constructor)
    constexpr named_kind(const char* its_name, std::optional<value_kind> its_kind = {}) noexcept
        : name{its_name}, kind{its_kind} {}
    explicit operator new_dimension() const { return {name, {.kind = kind}}; }
};
/// One function for all structs; a template, so that a file without any does not pay for it.
template <class Dimension = new_dimension>
[[gnu::noinline]] std::vector<Dimension> dimensions_of(std::initializer_list<named_kind> all) {
    return {all.begin(), all.end()};
}
}  // namespace detail

/// A registered dimension. Its id stays valid as long as its chart.
struct dimension {
    std::string_view id;                       ///< as registered
    std::int64_t multiplier = 1;               ///< of stored values
    std::int64_t divisor = 1;                  ///< of stored values, not 0
    backends::algorithm algorithm = absolute;  ///< what a stored value means
    value_kind kind = value_kind::floating;    ///< what is collected
};

}  // namespace backends
