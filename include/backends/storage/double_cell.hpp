// SPDX-License-Identifier: BSL-1.0
//
// Storage: the default model of the cell concept. Eight bytes, NaN is the gap, sums are doubles
// added in the order of the visit, from the newest sample to the oldest.
#pragma once

#include <backends/storage/cell.hpp>

#include <bit>
#include <cstdint>
#include <limits>

#if defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__
#error "backends: -ffinite-math-only (part of -ffast-math) deletes the tests for NaN, which is the gap of double and float cells"
#endif

namespace backends {

namespace detail {
/// By its bits: true for everything but NaN and the infinities.
constexpr bool is_finite(double v) noexcept {
    constexpr std::uint64_t exponent = 0x7ff0'0000'0000'0000;
    return (std::bit_cast<std::uint64_t>(v) & exponent) != exponent;
}
}  // namespace detail

/// The sum of double or float cells.
class double_sum {
public:
    constexpr double_sum& operator+=(double value) noexcept {
        total_ += value;
        return *this;
    }
    [[nodiscard]] constexpr double total() const noexcept { return total_; }
    /// Precondition: n > 0.
    [[nodiscard]] constexpr double mean(std::uint64_t n) const noexcept {
        return total_ / static_cast<double>(n);
    }

private:
    double total_ = 0.0;
};

/// A sample as a double.
struct double_cell {
    using word = double;
    using value = double;
    using number = double;
    using sum = double_sum;

    static constexpr word gap = std::numeric_limits<double>::quiet_NaN();

    static constexpr stored_word<word> store(double v, bool /*was_reset*/ = false) noexcept {
        if (!detail::is_finite(v)) {
            return {gap, store_outcome::not_finite};
        }
        return {v, store_outcome::kept};
    }
    static constexpr bool exists(word w) noexcept { return w == w; }
    static constexpr value load(word w) noexcept { return w; }
};

static_assert(cell<double_cell>);

}  // namespace backends
