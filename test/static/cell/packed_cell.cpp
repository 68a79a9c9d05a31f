// SPDX-License-Identifier: BSL-1.0
//
// Packed words bit by bit, at compile time.
#include <backends/cell/packed_cell.hpp>

#include <cstdint>
#include <limits>

using backends::decimal;
using backends::packed_cell;

namespace {
constexpr std::uint32_t exists = 1U << 24;
constexpr std::uint32_t negative = 1U << 31;
constexpr std::uint32_t multiply = 1U << 30;
constexpr std::uint32_t power(std::uint32_t p) { return p << 27; }
constexpr std::uint32_t word(double v) { return packed_cell::store(v).word; }
constexpr decimal exact(double v) { return static_cast<decimal>(packed_cell::load(word(v))); }
}  // namespace

static_assert(packed_cell::gap == 0);
static_assert(word(0) == exists && word(-0.0) == exists);
static_assert(word(1) == (power(7) | exists | 10'000'000));
static_assert(word(-1) == (negative | power(7) | exists | 10'000'000));
static_assert(word(1.6777215) == (power(7) | exists | 16'777'215));
static_assert(word(1.6777216) == (power(6) | exists | 1'677'722));
static_assert(word(16'777'215) == (exists | 16'777'215));
static_assert(word(1'677'722) == (exists | 1'677'722));
static_assert(word(16'777'216) == (multiply | power(1) | exists | 1'677'722));
static_assert(word(167'772'150'000'000) == (multiply | power(7) | exists | 16'777'215));
static_assert(word(1e300) == word(167'772'150'000'000));
static_assert(word(0.00000015) == (power(7) | exists | 2));
static_assert(word(0.00000025) == (power(7) | exists | 2));
static_assert(word(0.00000035) == (power(7) | exists | 4));
static_assert(word(std::numeric_limits<double>::quiet_NaN()) == packed_cell::gap);
static_assert(word(-std::numeric_limits<double>::infinity()) == packed_cell::gap);

static_assert(exact(0.1) == decimal{1'000'000});
static_assert(exact(-2.5) == decimal{-25'000'000});
static_assert(exact(167'772'150'000'000).units / decimal::scale == 167'772'150'000'000);
