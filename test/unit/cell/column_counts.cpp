// SPDX-License-Identifier: BSL-1.0
#include <backends/cell/column_counts.hpp>

#include "catch.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <random>
#include <utility>

using namespace backends;
using backends::detail::column_counts;
using backends::detail::f64x2;
using backends::detail::u32x4;

namespace {

/// Each column has up to `rows` gaps; the lanes behind the last have a row's gap each.
template <std::size_t N>
class counted {
public:
    counted(std::uint64_t rows, std::mt19937& random) : rows_{rows} {
        for (std::size_t i = 0; i < 4 * column_counts<N>::quads; ++i) {
            const auto gaps = i < N ? random() % (rows + 1) : rows;
            minus_gaps_[i / 4][i % 4] = 0 - static_cast<std::uint32_t>(gaps);
            samples_[i] = rows - gaps;
            sum_ += rows - gaps;
            are_all_some_ = are_all_some_ && (i >= N || gaps != rows);
        }
    }

    void same() const {
        const column_counts<N> counts{rows_, minus_gaps_};
        INFO(N << " columns, " << rows_ << " rows");
        CHECK(counts.sum() == sum_);
        CHECK(counts.none_is_zero() == are_all_some_);
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            (same_one(counts.template of<I>(), I), ...);
        }(std::make_index_sequence<N>{});
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            (same_two(counts.template of_two<2 * I>(), 2 * I), ...);
        }(std::make_index_sequence<(N + 1) / 2>{});
    }

private:
    void same_one(std::uint64_t one, std::size_t i) const { CHECK(one == samples_[i]); }
    void same_two(f64x2 two, std::size_t i) const {
        CHECK(two[0] == static_cast<double>(samples_[i]));
        CHECK(two[1] == static_cast<double>(samples_[i + 1]));
    }

    std::uint64_t rows_;
    std::array<u32x4, column_counts<N>::quads> minus_gaps_{};
    std::array<std::uint64_t, 4 * column_counts<N>::quads> samples_{};
    std::uint64_t sum_ = 0;
    bool are_all_some_ = true;
};

template <std::size_t... N>
void same_for_each_width(std::uint64_t rows, std::mt19937& random, std::index_sequence<N...>) {
    (counted<N + 1>{rows, random}.same(), ...);
}

}  // namespace

TEST_CASE("every column has as many samples as rows without its gaps") {
    std::mt19937 random{4};
    for (const std::uint64_t rows :
         std::initializer_list<std::uint64_t>{1, 2, 3, 10, 3'600, max_slots}) {
        for (int round = 0; round < 20; ++round) {
            same_for_each_width(rows, random, std::make_index_sequence<21>{});
        }
    }
}

TEST_CASE("counts of max_slots rows without a gap are right, all together too") {
    const column_counts<12> counts{max_slots, {}};
    CHECK(counts.sum() == 12 * max_slots);
    CHECK(counts.of<11>() == max_slots);
    CHECK(counts.none_is_zero());
}

TEST_CASE("two columns that were compared as doubles are counted in the upper halves of these") {
    // 5 and 2 gaps of 7 rows; what is in the lower halves does not count.
    const std::array<std::uint64_t, 2> doubles{0 - (5ULL << 32) + 3, 0 - (2ULL << 32) + 1};
    column_counts<2> counts{7, {std::bit_cast<u32x4>(doubles)}};
    counts.unpack_last_pair();
    CHECK(counts.of<0>() == 2);
    CHECK(counts.of<1>() == 5);
    CHECK(counts.sum() == 7);
    CHECK(counts.none_is_zero());
}
