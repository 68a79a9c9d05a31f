// SPDX-License-Identifier: BSL-1.0
//
// Cell: exact sums of packed cells.
#pragma once

#include <backends/cell/packed_word.hpp>
#include <backends/core/decimal.hpp>
#include <backends/core/inline.hpp>

#include <cstdint>

namespace backends::inline BACKENDS_ISA {

/// The exact sum of packed cells: in 64 bits while these suffice, then in 128.
class packed_sum {
public:
    constexpr packed_sum() noexcept = default;
    /// Goes on from a sum of units that fits 64 bits.
    constexpr explicit packed_sum(std::int64_t narrow_units) noexcept : narrow_{narrow_units} {}

    /// Adds a sample, exactly.
    constexpr packed_sum& operator+=(packed_value value) noexcept {
        if (value.is_scaled_up()) [[unlikely]] {
            wide_ += value.units();
            return *this;
        }
        std::int64_t next = 0;
        if (__builtin_add_overflow(narrow_, value.narrow_units(), &next)) [[unlikely]] {
            wide_ += narrow_;
            next = value.narrow_units();
        }
        narrow_ = next;
        return *this;
    }
    [[nodiscard]] constexpr decimal total() const noexcept { return {wide_ + narrow_}; }  ///< exact
    /// Rounds once, half to even, to 1e-7. Precondition: n > 0.
    [[nodiscard]] constexpr decimal mean(std::uint64_t n) const noexcept { return total() / n; }

private:
    std::int64_t narrow_ = 0;
    int128 wide_ = 0;
};

/// packed_sum in 64 bits, for a few packed cells that are not scaled up.
class narrow_packed_sum {
public:
    /// Of decimal units.
    constexpr explicit narrow_packed_sum(std::int64_t units) noexcept : units_{units} {}

    [[nodiscard]] constexpr decimal total() const noexcept { return {units_}; }  ///< exact
    /// Rounds once, half to even. Precondition: 0 < n < 2^32.
    [[nodiscard]] BACKENDS_INLINE constexpr decimal mean(std::uint64_t n) const noexcept {
        const auto divisor = static_cast<std::int64_t>(n);
        const std::int64_t quotient = units_ / divisor;
        const std::int64_t rest = units_ % divisor;
        // An odd quotient rounds away at exactly a half. No branch: ties are frequent and random.
        const std::int64_t twice = 2 * (rest < 0 ? -rest : rest) + (quotient & 1);
        const auto is_away = static_cast<std::int64_t>(twice > divisor);
        return {quotient + (units_ < 0 ? -is_away : is_away)};
    }
    /// The same sum, in the wider form.
    constexpr operator packed_sum() const noexcept {  // NOLINT(google-explicit-constructor)
        return packed_sum{units_};
    }

private:
    std::int64_t units_;
};

}  // namespace backends
