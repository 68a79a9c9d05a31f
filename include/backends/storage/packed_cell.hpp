// SPDX-License-Identifier: BSL-1.0
//
// Storage: the cell of four bytes that is a decimal, so that every sample is a whole number of
// 1e-7 units and a window's sum is an exact integer:
//
//     bit 31      negative
//     bit 30      1: value = significand * 10^p, 0: significand / 10^p
//     bits 29..27 p
//     bits 26..24 0 gap, 1 sample, 2 sample at which the counter was reset
//     bits 23..0  significand
//
// Range +-1.6777215e14, step 1e-7 below 1.6777215, relative error at most 3e-7. Word 0 is the gap.
#pragma once

#include <backends/core/decimal.hpp>
#include <backends/storage/cell.hpp>
#include <backends/storage/double_cell.hpp>
#include <backends/storage/lanes.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace backends {

namespace detail::packed {

inline constexpr std::uint32_t negative = 1U << 31;
inline constexpr std::uint32_t multiply = 1U << 30;
inline constexpr int power_shift = 27;
inline constexpr std::uint32_t flags = 7U << 24;
inline constexpr std::uint32_t sample = 1U << 24;
inline constexpr std::uint32_t sample_after_reset = 2U << 24;
inline constexpr std::uint32_t largest = 0xff'ffff;
inline constexpr std::uint32_t largest_power = 7;

inline constexpr std::array<std::int64_t, 8> power_of_ten{1,       10,        100,       1'000,
                                                          10'000,  100'000,   1'000'000, 10'000'000};

constexpr double power(std::uint32_t p) noexcept { return static_cast<double>(power_of_ten[p]); }

/// The double that the decimal `significand + 1/2`, scaled by the power, is written as.
template <bool Multiply>
constexpr double tie_above(std::uint32_t significand, std::uint32_t p) noexcept {
    const double half = static_cast<double>(significand) + 0.5;
    return Multiply ? half * power(p) : half / power(p);
}

/// |v| to a significand at the power p, half to even. Precondition: v < tie_above(largest, p).
///
/// What counts as half is decided for the decimal that the double was written as: 0.00000035 is a
/// tie, although no double equals it. Such a tie is the double nearest to a decimal that ends in 5,
/// and that double is what tie_above() gives: its operands are exact and it rounds once. So one
/// comparison decides, and only within a millionth of a half is it needed.
template <bool Multiply>
constexpr std::uint32_t round(double v, std::uint32_t p) noexcept {
    constexpr double near = 1e-6;
    const double scaled = Multiply ? v / power(p) : v * power(p);
    const auto floor = static_cast<std::uint32_t>(scaled);
    const double rest = scaled - static_cast<double>(floor);
    if (rest < 0.5 - near) {
        return floor;
    }
    if (rest > 0.5 + near) {
        return floor + 1;
    }
    const double tie = tie_above<Multiply>(floor, p);
    if (v == tie) {
        return floor + floor % 2;
    }
    return v > tie ? floor + 1 : floor;
}

inline constexpr auto fits_below = [] {  // fits_below[p]: v * 10^p still rounds into 24 bits
    std::array<double, 8> limit{};
    for (std::uint32_t p = 0; p <= largest_power; ++p) {
        limit[p] = tie_above<false>(largest, p);
    }
    return limit;
}();

/// 1e-7 units in one step of the significand: by bits 30..27, up to 10^14.
inline constexpr auto step_units = [] {
    std::array<std::int64_t, 16> units{};
    for (std::size_t p = 0; p < 8; ++p) {
        units[p] = power_of_ten[7 - p];
        units[p + 8] = power_of_ten[p] * decimal::scale;
    }
    return units;
}();

/// 1e-7 units in one step of the significand with its sign: by bits 31..27. Zero for scaled-up
/// words, whose units do not fit 64 bits.
inline constexpr auto signed_narrow_units = [] {
    std::array<std::int64_t, 32> units{};
    for (std::size_t p = 0; p < 8; ++p) {
        units[p] = power_of_ten[7 - p];
        units[p + 16] = -power_of_ten[7 - p];
    }
    return units;
}();

}  // namespace detail::packed

/// What a packed word means. Exact as a decimal, the nearest double otherwise.
class packed_value {
public:
    constexpr explicit packed_value(std::uint32_t word) noexcept : word_{word} {}

    /// Whether the sample has no digits behind the point because it was too large for them.
    [[nodiscard]] constexpr bool is_scaled_up() const noexcept {
        return (word_ & detail::packed::multiply) != 0;
    }
    /// The sample in 1e-7 units. Precondition: !is_scaled_up(); then at most 1.7e14.
    [[nodiscard]] constexpr std::int64_t narrow_units() const noexcept {
        return significand() * step();
    }
    /// The sample in 1e-7 units, at most 1.7e21.
    [[nodiscard]] constexpr int128 units() const noexcept {
        return static_cast<int128>(significand()) * step();
    }

    constexpr explicit operator decimal() const noexcept { return {units()}; }

    constexpr operator double() const noexcept {  // NOLINT(google-explicit-constructor)
        const auto m = static_cast<double>(significand());
        const double power = detail::packed::power((word_ >> detail::packed::power_shift) & 7U);
        return is_scaled_up() ? m * power : m / power;
    }

private:
    [[nodiscard]] constexpr std::int64_t significand() const noexcept {
        const std::int64_t m = word_ & detail::packed::largest;
        return (word_ & detail::packed::negative) != 0 ? -m : m;
    }
    [[nodiscard]] constexpr std::int64_t step() const noexcept {
        return detail::packed::step_units[(word_ >> detail::packed::power_shift) & 15U];
    }

    std::uint32_t word_;
};

/// The exact sum of packed cells: 64 bits while they suffice, 128 beyond.
class packed_sum {
public:
    constexpr packed_sum() noexcept = default;
    constexpr explicit packed_sum(std::int64_t narrow_units) noexcept : narrow_{narrow_units} {}

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
    [[nodiscard]] constexpr decimal total() const noexcept { return {wide_ + narrow_}; }
    /// Rounded once, half to even, to 1e-7. Precondition: n > 0.
    [[nodiscard]] constexpr decimal mean(std::uint64_t n) const noexcept { return total() / n; }

private:
    std::int64_t narrow_ = 0;
    int128 wide_ = 0;
};

/// N columns of packed cells, none of them scaled up. Each gets what packed_sum gives it; a gap, word
/// 0, adds nothing. A sample costs one multiplication and no branch; whether all words were of the
/// usual kind is asked once, at the end.
template <std::size_t N>
class packed_sums {
public:
    using cell = struct packed_cell;
    using load = detail::by_words<std::uint32_t, N>;

    /// 2^15 samples of at most 1.7e14 units stay below 2^63.
    static constexpr std::uint64_t most_rows = 1U << 15;

    template <class Row>
    [[gnu::always_inline]] void operator()(const Row& row) noexcept {
        [&]<std::size_t... I>(std::index_sequence<I...>) __attribute__((always_inline)) {
            (add<I>(row[I]), ...);
        }(std::make_index_sequence<N>{});
    }

    /// Whether the sums are those of all samples: false when one of the samples was scaled up.
    [[nodiscard]] bool is_exact() const noexcept {
        return (all_ & detail::packed::multiply) == 0;
    }

    /// Calls done(i, sum, number of samples) for every column. Precondition: is_exact().
    template <class Done>
    [[gnu::always_inline]] void store(Done done) const noexcept {
        for (std::size_t i = 0; i < N; ++i) {
            done(i, packed_sum{sums_[i]}, counts_[i]);
        }
    }

private:
    template <std::size_t I>
    [[gnu::always_inline]] void add(std::uint32_t word) noexcept {
        namespace packed = detail::packed;
        sums_[I] += static_cast<std::int64_t>(word & packed::largest) *
                    packed::signed_narrow_units[word >> packed::power_shift];
        counts_[I] += static_cast<std::uint32_t>(word != 0);
        all_ |= word;
    }

    std::array<std::int64_t, N> sums_{};
    std::array<std::uint32_t, N> counts_{};
    std::uint32_t all_ = 0;
};

/// A sample as a decimal of four bytes.
struct packed_cell {
    using word = std::uint32_t;
    using value = packed_value;
    using number = decimal;
    using sum = packed_sum;
    template <std::size_t N>
    using sums = packed_sums<N>;
    static constexpr std::size_t most_sums = 12;

    static constexpr word gap = 0;

    /// The nearest packed decimal, half to even. What rounds to zero becomes +0.
    static constexpr stored_word<word> store(double v, bool was_reset = false) noexcept {
        namespace packed = detail::packed;
        const std::uint32_t kind = was_reset ? packed::sample_after_reset : packed::sample;
        if (!detail::is_finite(v)) {
            return {gap, store_outcome::not_finite};
        }
        const double magnitude = v < 0 ? -v : v;
        const std::uint32_t sign = v < 0 ? packed::negative : 0;
        if (magnitude >= packed::fits_below[0]) [[unlikely]] {
            return store_large(magnitude, sign | kind);
        }
        std::uint32_t p = 0;
        for (std::uint32_t power = 1; power <= packed::largest_power; ++power) {
            p += static_cast<std::uint32_t>(magnitude < packed::fits_below[power]);
        }
        const std::uint32_t significand = packed::round<false>(magnitude, p);
        if (significand == 0) {
            return {kind, store_outcome::kept};
        }
        return {sign | (p << packed::power_shift) | kind | significand, store_outcome::kept};
    }
    static constexpr bool exists(word w) noexcept { return (w & detail::packed::flags) != 0; }
    static constexpr value load(word w) noexcept { return value{w}; }

    /// Whether the sample was stored with was_reset.
    static constexpr bool was_reset(word w) noexcept {
        return (w & detail::packed::flags) == detail::packed::sample_after_reset;
    }

private:
    static constexpr stored_word<word> store_large(double magnitude, std::uint32_t rest) noexcept {
        namespace packed = detail::packed;
        for (std::uint32_t p = 1; p <= packed::largest_power; ++p) {
            if (magnitude < packed::tie_above<true>(packed::largest, p)) {
                const std::uint32_t significand = packed::round<true>(magnitude, p);
                return {rest | packed::multiply | (p << packed::power_shift) | significand,
                        store_outcome::kept};
            }
        }
        constexpr std::uint32_t end = packed::multiply | (7U << packed::power_shift) | packed::largest;
        return {rest | end, store_outcome::saturated};
    }
};

static_assert(cell<packed_cell>);

}  // namespace backends
