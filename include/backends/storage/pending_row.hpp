// SPDX-License-Identifier: BSL-1.0
//
// Storage: the row that a recorder fills value by value, and each dimension's algorithm, applied to
// it and to the values collected before.
#pragma once

#include <backends/cell/double_cell.hpp>
#include <backends/core/inline.hpp>
#include <backends/core/time.hpp>
#include <backends/storage/algorithms.hpp>
#include <backends/storage/collected.hpp>
#include <backends/storage/dimension_table.hpp>
#include <backends/storage/recording_policy.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace backends::inline BACKENDS_ISA::detail {

/// The state of the open row. Its bits and the set flags are in last_collected, next to the row.
/// Used by the recorder alone.
class pending_row {
public:
    /// The totals for percentages: over all set dimensions, whatever their own algorithm.
    struct totals {
        double values = 0;
        double increments = 0;
    };
    struct sample {
        double value = 0;
        bool was_reset = false;
        bool exists = false;
    };

    /// Puts a value into the open row. Counts a non-finite value and leaves its dimension unset.
    template <recording_policy Recording, collectable T>
    void set(std::uint8_t& is_set, std::uint64_t& bits, T value, value_kind kind) noexcept {
        if (std::is_integral_v<T> || is_finite(static_cast<double>(value))) {
            mark(is_set, true);
            Recording::store(bits, to_bits(value, kind));
        } else {
            mark(is_set, false);
            ++not_finite_;
        }
    }
    void mark(std::uint8_t& is_set, bool has_value) noexcept {
        is_set = static_cast<std::uint8_t>(has_value);
        is_clear_ = false;
    }
    void forget(std::uint8_t* is_set, std::size_t width) noexcept {
        if (is_clear_) [[likely]] {
            return;
        }
        for (std::size_t i = 0; i < width; ++i) {
            is_set[i] = 0;
        }
        not_finite_ = 0;
        is_clear_ = true;
    }

    [[nodiscard]] std::uint64_t not_finite() const noexcept { return not_finite_; }

    /// `earlier`: the row collected before, from last_collected.
    template <class Earlier>
    [[nodiscard]] static totals total(const dimension_table& all, const std::uint8_t* is_set,
                                      const std::uint64_t* bits, const Earlier& earlier) noexcept {
        totals row;
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (is_set[i] != 0) {
                row.values += as_double(bits[i], all[i]);
                if (const auto before = earlier[i]; before.present()) {
                    row.increments += increment_of(all[i].kind, before.bits, bits[i]).value;
                }
            }
        }
        return row;
    }

    /// The sample to store; no rate for a counter's first collection. Precondition: it is set.
    template <class Earlier>
    [[nodiscard]] BACKENDS_INLINE static sample convert(std::size_t i, std::uint64_t bits,
                                                        const conversion& how, unix_seconds at,
                                                        const Earlier& earlier,
                                                        const totals& row) noexcept {
        switch (how.algorithm) {
            case absolute: return {scaled(as_double(bits, how), how), false, true};
            case percentage_of_absolute_row:
                return {percentage(as_double(bits, how), row.values), false, true};
            case difference: return difference_of(bits, how, earlier[i]);
            case incremental:
            case percentage_of_incremental_row: break;
        }
        const auto before = earlier[i];
        if (!before.present()) {
            return {};
        }
        const auto [value, was_reset] = increment_of(how.kind, before.bits, bits);
        if (how.algorithm == percentage_of_incremental_row) {
            return {percentage(value, row.increments), was_reset, true};
        }
        // Division is the slowest step here, and the divisor is mostly one.
        const unix_seconds passed = at - before.at;
        const double rate =
            passed == 1 ? scaled(value, how) : scaled(value, how) / static_cast<double>(passed);
        return {rate, was_reset, true};
    }

private:
    /// Of what was collected before this row, whenever that was: so samples add up to the total.
    template <class Entry>
    [[nodiscard]] static sample difference_of(std::uint64_t bits, const conversion& how,
                                              const Entry& before) noexcept {
        if (!before.present()) {
            return {scaled(as_double(bits, how), how), false, true};
        }
        const auto [value, was_reset] = increment_of(how.kind, before.bits, bits);
        return {scaled(value, how), was_reset, true};
    }

    [[nodiscard]] static double as_double(std::uint64_t bits, const conversion& d) noexcept {
        return collected_value{d.kind, bits}.as_double();
    }

    std::uint32_t not_finite_ = 0;
    bool is_clear_ = true;
};

}  // namespace backends::detail
