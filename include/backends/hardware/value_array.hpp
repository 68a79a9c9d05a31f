// SPDX-License-Identifier: BSL-1.0
//
// An array of values on their way from a reduction to the formatter, written one or two at a time.
#pragma once

#include <backends/core/decimal.hpp>
#include <backends/core/inline.hpp>
#include <backends/hardware/registers.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace backends::inline BACKENDS_ISA {

/// Up to `Most` values. They start uninitialized: clearing them would cost more than some of the
/// work. Precondition of all members: i < Most.
template <class Value, std::size_t Most>
class value_array {
public:
    value_array() noexcept {}

    /// Precondition: i < Most.
    BACKENDS_INLINE void set(std::size_t i, Value v) noexcept { values_[i] = v; }
    /// Sets i and i + 1.
    BACKENDS_INLINE void set_pair(std::size_t i, detail::f64x2 v) noexcept
        requires std::same_as<Value, double>
    {
        std::memcpy(values_.data() + i, &v, sizeof v);
    }
    /// Precondition: set(i) was called.
    [[nodiscard]] Value operator[](std::size_t i) const noexcept { return values_[i]; }
    /// The first value.
    [[nodiscard]] const Value* data() const noexcept { return values_.data(); }
    [[nodiscard]] Value* data() noexcept { return values_.data(); }

private:
    union {  // a union member is not initialized
        std::array<Value, Most> values_;
    };
};

namespace detail {
/// The units of two decimals as doubles. Precondition: they are integers below 2^52 in magnitude.
struct decimal_pair {
    f64x2 units;
};
}  // namespace detail

/// Decimals. A double holds nearly all units exactly, and vectors compute with these doubles. A
/// second array holds the wider units.
template <std::size_t Most>
class value_array<decimal, Most> {
public:
    value_array() noexcept {}

    BACKENDS_INLINE void set(std::size_t i, decimal v) noexcept {
        const auto low = static_cast<std::int64_t>(v.units);
        units_[i] = static_cast<double>(low);
        if (low != v.units || !is_exact(units_[i])) [[unlikely]] {
            units_[i] = v.units < 0 ? -inexact : inexact;
            wide_[i] = v.units;
        }
    }
    BACKENDS_INLINE void set_pair(std::size_t i, detail::decimal_pair v) noexcept {
        std::memcpy(units_.data() + i, &v.units, sizeof v.units);
    }
    [[nodiscard]] decimal operator[](std::size_t i) const noexcept {
        return is_exact(units_[i]) ? decimal{static_cast<std::int64_t>(units_[i])}
                                   : decimal{wide_[i]};
    }
    /// The units of each decimal, or ±2^52 where their magnitude is 2^52 or more.
    [[nodiscard]] const double* units() const noexcept { return units_.data(); }

private:
    static constexpr double inexact = 0x1p52;

    static constexpr bool is_exact(double units) noexcept {
        return units > -inexact && units < inexact;
    }

    union {
        std::array<double, Most> units_;
    };
    union {
        std::array<int128, Most> wide_;  // set where units_ is ±inexact
    };
};

}  // namespace backends
