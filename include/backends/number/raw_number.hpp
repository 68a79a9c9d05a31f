// SPDX-License-Identifier: BSL-1.0
//
// Numbers of binary records: the eight bytes of a double, the least significant one first. No digit
// is made.
#pragma once

#include <backends/core/decimal.hpp>
#include <backends/core/inline.hpp>
#include <backends/hardware/value_array.hpp>
#include <backends/number/digits.hpp>
#include <backends/number/number.hpp>

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>

namespace backends::inline BACKENDS_ISA {

/// The nearest double. A decimal's and a long integer's may be another number: a double has 53
/// bits. Costs a division for a decimal, nothing for a double.
template <class Value>
[[nodiscard]] constexpr double nearest_double(Value v) noexcept {
    if constexpr (std::same_as<Value, decimal>) {
        return static_cast<double>(v.units) / static_cast<double>(decimal::scale);
    } else {
        return static_cast<double>(v);
    }
}

/// Writes the eight bytes of nearest_double(v) and returns their end.
template <class Value>
BACKENDS_INLINE inline char* write_raw_number(char* out, Value v) noexcept {
    detail::store_8(out, std::bit_cast<std::uint64_t>(nearest_double(v)));
    return out + 8;
}

/// A block of them, with the members of number_block. `values` must outlive it. Precondition of all
/// members: i < n.
template <class Value, std::size_t Most>
class raw_number_block {
public:
    /// The first n values of `values`, at most Most.
    BACKENDS_INLINE raw_number_block(const value_array<Value, Most>& values, std::size_t n) noexcept
        : values_{values} {
        if constexpr (std::same_as<Value, double>) {  // all others are finite
            // Adding one to an exponent of ones alone, and to no other one, sets the top bit.
            constexpr std::uint64_t exponent = 0x7ff0'0000'0000'0000;
            constexpr std::uint64_t one = 0x0010'0000'0000'0000;
            std::uint64_t all = 0;
            for (std::size_t i = 0; i < n; ++i) {
                all |= (std::bit_cast<std::uint64_t>(values[i]) & exponent) + one;
            }
            is_plain_ = all >> 63 == 0;
        }
    }

    /// Whether all values are finite.
    [[nodiscard]] bool is_plain() const noexcept { return is_plain_; }
    /// Whether value i is.
    [[nodiscard]] bool is_printable(std::size_t i) const noexcept {
        return !std::same_as<Value, double> || backends::is_printable(values_[i]);
    }
    /// Writes value i; returns its end.
    BACKENDS_INLINE char* write(char* out, std::size_t i) const noexcept {
        return write_raw_number(out, values_[i]);
    }
    /// Calls f(write), where write(out, i) writes value i.
    template <class F>
    BACKENDS_INLINE void all_plain(F f) const noexcept {
        f([this](char* out, std::size_t i) BACKENDS_INLINE { return write(out, i); });
    }

private:
    const value_array<Value, Most>& values_;
    bool is_plain_ = true;
};

}  // namespace backends
