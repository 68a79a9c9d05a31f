// SPDX-License-Identifier: BSL-1.0
//
// Storage: the arithmetic from a collected value to a stored one (semantics: absolute, incremental,
// and the two percentages of a row). Free functions; the chart loops over the dimensions.
#pragma once

#include <backends/storage/chart_options.hpp>
#include <backends/storage/collected.hpp>
#include <backends/storage/dimension_table.hpp>

#include <bit>
#include <cstdint>

namespace backends::inline BACKENDS_ISA::detail {

/// The increment of a counter: 0 if the counter went back, which means that it restarted.
struct increment {
    double value = 0;
    bool was_reset = false;
};

/// Subtracts integers exactly in 64 bits, then converts to double.
constexpr increment increment_of(value_kind kind, std::uint64_t before,
                                 std::uint64_t now) noexcept {
    switch (kind) {
        case value_kind::integer:
            if (static_cast<std::int64_t>(now) < static_cast<std::int64_t>(before)) {
                return {0, true};
            }
            return {static_cast<double>(now - before), false};
        case value_kind::unsigned_integer:
            if (now < before) {
                return {0, true};
            }
            return {static_cast<double>(now - before), false};
        case value_kind::floating: break;
    }
    const double difference = std::bit_cast<double>(now) - std::bit_cast<double>(before);
    return difference < 0 ? increment{0, true} : increment{difference, false};
}

constexpr double scaled(double v, const conversion& d) noexcept {
    return d.has_factors ? v * static_cast<double>(d.multiplier) / static_cast<double>(d.divisor)
                         : v;
}

/// A share in percent; 0 if the row's total is 0.
constexpr double percentage(double part, double total) noexcept {
    return total == 0 ? 0 : 100 * part / total;
}

constexpr bool is_plain(const conversion& d) noexcept {
    return d.algorithm == absolute && !d.has_factors;
}

constexpr bool is_percentage(const conversion& d) noexcept {
    return d.algorithm == percentage_of_absolute_row ||
           d.algorithm == percentage_of_incremental_row;
}

}  // namespace backends::detail
