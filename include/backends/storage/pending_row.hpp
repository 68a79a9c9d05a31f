// SPDX-License-Identifier: BSL-1.0
//
// Storage: the row that a recorder is putting together, value by value, and what each dimension's
// algorithm makes of it against the values collected before.
#pragma once

#include <backends/core/time.hpp>
#include <backends/storage/algorithms.hpp>
#include <backends/storage/collected.hpp>
#include <backends/storage/dimension.hpp>
#include <backends/storage/double_cell.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace backends::detail {

/// Collected values, some of them missing, not yet stored. The recorder's own.
class pending_row {
public:
    /// What a percentage is of: over all dimensions that are set, whatever their own algorithm.
    struct totals {
        double values = 0;
        double increments = 0;
    };
    struct sample {
        double value = 0;
        bool was_reset = false;
        bool exists = false;
    };

    explicit pending_row(std::size_t width) : bits_(width), is_set_(width) {}

    /// A value that is not finite is counted; the dimension is not set then.
    template <collectable T>
    void set(std::size_t i, T value, value_kind kind) noexcept {
        mark(i, is_finite(static_cast<double>(value)));
        if (has(i)) {
            bits_[i] = to_bits(value, kind);
        } else {
            ++not_finite_;
        }
    }
    void mark(std::size_t i, bool is_set) noexcept { is_set_[i] = static_cast<std::uint8_t>(is_set); }
    void forget() noexcept {
        for (std::uint8_t& one : is_set_) {
            one = 0;
        }
        not_finite_ = 0;
    }

    [[nodiscard]] bool has(std::size_t i) const noexcept { return is_set_[i] != 0; }
    [[nodiscard]] std::uint64_t bits(std::size_t i) const noexcept { return bits_[i]; }
    [[nodiscard]] std::uint64_t not_finite() const noexcept { return not_finite_; }
    /// By dimension: 0 where nothing is set.
    [[nodiscard]] const std::vector<std::uint8_t>& which() const noexcept { return is_set_; }

    template <class Last>
    [[nodiscard]] totals total(const std::vector<dimension>& dimensions, const Last& last) const noexcept {
        totals row;
        for (std::size_t i = 0; i < dimensions.size(); ++i) {
            if (has(i)) {
                const auto earlier = last.last(i);
                row.values += as_double(i, dimensions[i]);
                if (earlier.at != Last::never) {
                    row.increments += increment_of(dimensions[i].kind, earlier.bits, bits_[i]).value;
                }
            }
        }
        return row;
    }

    /// What is to be stored. A counter's first collection gives nothing. Precondition: has(i).
    template <class Last>
    [[nodiscard]] sample convert(std::size_t i, const dimension& d, unix_seconds at, const Last& last,
                                 const totals& row) const noexcept {
        switch (d.algorithm) {
            case absolute: return {scaled(as_double(i, d), d), false, true};
            case percentage_of_absolute_row:
                return {percentage(as_double(i, d), row.values), false, true};
            case incremental:
            case percentage_of_incremental_row: break;
        }
        const auto earlier = last.last(i);
        if (earlier.at == Last::never) {
            return {};
        }
        const auto [value, was_reset] = increment_of(d.kind, earlier.bits, bits_[i]);
        if (d.algorithm == percentage_of_incremental_row) {
            return {percentage(value, row.increments), was_reset, true};
        }
        return {scaled(value, d) / static_cast<double>(at - earlier.at), was_reset, true};
    }

private:
    [[nodiscard]] double as_double(std::size_t i, const dimension& d) const noexcept {
        return collected_value{d.kind, bits_[i]}.as_double();
    }

    std::vector<std::uint64_t> bits_;
    std::vector<std::uint8_t> is_set_;
    std::uint64_t not_finite_ = 0;
};

}  // namespace backends::detail
