// SPDX-License-Identifier: BSL-1.0
//
// Storage: sums of packed cells, exact: 64 bits while they suffice, 128 beyond; and of several columns
// at once.
#pragma once

#include <backends/core/decimal.hpp>
#include <backends/core/vectors.hpp>
#include <backends/storage/lanes.hpp>
#include <backends/storage/packed_value.hpp>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace backends {

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

/// The sum of a few packed cells that are not scaled up: packed_sum in 64 bits.
class narrow_packed_sum {
public:
    constexpr explicit narrow_packed_sum(std::int64_t units) noexcept : units_{units} {}

    [[nodiscard]] constexpr decimal total() const noexcept { return {units_}; }
    /// Rounded once, half to even. Precondition: 0 < n < 2^32.
    [[nodiscard, gnu::always_inline]] constexpr decimal mean(std::uint64_t n) const noexcept {
        const auto divisor = static_cast<std::int64_t>(n);
        const std::int64_t quotient = units_ / divisor;
        const std::int64_t rest = units_ % divisor;
        // An odd quotient is left at a half already. No branch: ties are frequent, and random.
        const std::int64_t twice = 2 * (rest < 0 ? -rest : rest) + (quotient & 1);
        const auto is_away = static_cast<std::int64_t>(twice > divisor);
        return {quotient + (units_ < 0 ? -is_away : is_away)};
    }
    constexpr operator packed_sum() const noexcept {  // NOLINT(google-explicit-constructor)
        return packed_sum{units_};
    }

private:
    std::int64_t units_;
};

/// N columns of packed cells, none of them scaled up. Each gets what packed_sum gives it; a gap, word
/// 0, adds nothing. A sample costs one multiplication and no branch. Whether all words were of the
/// usual kind is asked once, at the end; that, and the gaps, are looked at four words at a time where
/// the policy can load them so.
template <std::size_t N>
class packed_sums {
public:
    using cell = struct packed_cell;
    using load = detail::by_words<std::uint32_t, N>;

    // Cleared one by one: the compiler would clear the whole in memory, where nothing else of it is.
    [[gnu::always_inline]] packed_sums() noexcept {
        detail::each<N>([&]<std::size_t I>() __attribute__((always_inline)) {
            sums_[I] = 0;
            gaps_[I] = 0;
            gaps_in_quads_[I / 4] = detail::four_words{};
        });
    }

    template <class Row>
    [[gnu::always_inline]] void operator()(const Row& row) noexcept {
        constexpr std::size_t in_quads = requires { row.template quad<0>(); } ? N / 4 * 4 : 0;
        detail::each<N>([&]<std::size_t I>()
                            __attribute__((always_inline)) { add<I, (I < in_quads)>(row[I]); });
        detail::each<in_quads / 4>([&]<std::size_t I>() __attribute__((always_inline)) {
            look_at<I>(row.template quad<I>());
        });
        ++rows_;
    }

    /// Whether the sums are those of all samples: not when one of them was scaled up, nor when there
    /// were so many that they may have left 64 bits.
    [[nodiscard, gnu::always_inline]] bool is_exact() const noexcept {
        const auto four = std::bit_cast<std::array<std::uint32_t, 4>>(all_quads_);
        const std::uint32_t all = all_ | four[0] | four[1] | four[2] | four[3];
        return (all & detail::packed::multiply) == 0 && rows_ <= most_rows;
    }

    /// Calls done(i, sum, number of samples) for every column. Precondition: is_exact().
    template <class Done>
    [[gnu::always_inline]] void store(Done done) const noexcept {
        detail::each<N>([&]<std::size_t I>() __attribute__((always_inline)) {
            // A column's gaps are in one of the two, and zero in the other.
            const auto four = std::bit_cast<std::array<std::uint32_t, 4>>(gaps_in_quads_[I / 4]);
            done(I, narrow_packed_sum{static_cast<std::int64_t>(sums_[I])},
                 rows_ - gaps_[I] - four[I % 4]);
        });
    }

private:
    // 2^15 samples of at most 1.7e14 units stay below 2^63.
    static constexpr std::uint64_t most_rows = 1U << 15;

    template <std::size_t I, bool IsLookedAt>
    [[gnu::always_inline]] void add(std::uint32_t word) noexcept {
        namespace packed = detail::packed;
        // Modulo 2^64, so that too many rows are no error until is_exact() is asked.
        sums_[I] +=
            (word & packed::largest) *
            static_cast<std::uint64_t>(packed::signed_narrow_units[word >> packed::power_shift]);
        if constexpr (!IsLookedAt) {
            gaps_[I] += static_cast<std::uint32_t>(word == 0);
            all_ |= word;
        }
    }
    template <std::size_t I>
    [[gnu::always_inline]] void look_at(detail::four_words words) noexcept {
        all_quads_ |= words;
        gaps_in_quads_[I] -= std::bit_cast<detail::four_words>(words == 0);  // a mask is -1
    }

    std::array<std::uint64_t, N> sums_;
    std::array<std::uint32_t, N> gaps_;
    std::array<detail::four_words, (N + 3) / 4> gaps_in_quads_;
    detail::four_words all_quads_{};
    std::uint32_t all_ = 0;
    std::uint64_t rows_ = 0;
};

}  // namespace backends
