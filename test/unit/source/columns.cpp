// SPDX-License-Identifier: BSL-1.0
#include <backends/source/columns.hpp>

#include <backends/cell/float_cell.hpp>
#include <backends/cell/packed_cell.hpp>
#include <backends/source/average.hpp>
#include <backends/source/maximum.hpp>
#include <backends/source/sum.hpp>
#include <backends/storage/chart.hpp>
#include <backends/storage/host.hpp>
#include <backends/storage/locked.hpp>
#include <backends/storage/unsynchronized.hpp>
#include <backends/storage/wait_free.hpp>

#include "catch.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

using namespace backends;

namespace {

constexpr double gap = std::numeric_limits<double>::quiet_NaN();

/// Doubles by their bits: -0 is not 0 here.
bool same_bits(double a, double b) {
    return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}
bool same_bits(decimal a, decimal b) { return a == b; }

template <class Cell, class Recording>
struct filled {
    basic_host<Cell, dynamic_capacity, Recording> host{"h"};
    basic_chart<Cell, dynamic_capacity, Recording>& chart;
    std::vector<std::vector<typename Cell::word>> rows;  // oldest first

    filled(std::size_t width, std::size_t entries)
        : chart{host.add("c", names(width), {.entries = entries})} {}

    static std::vector<new_dimension> names(std::size_t width) {
        std::vector<new_dimension> all;
        for (std::size_t i = 0; i < width; ++i) {
            all.emplace_back("d" + std::to_string(i));
        }
        return all;
    }

    void record(const std::vector<double>& row) {
        REQUIRE(chart.record(static_cast<unix_seconds>(rows.size()) + 1, row));
        rows.emplace_back();
        for (const double v : row) {
            rows.back().push_back(Cell::store(v).word);
        }
    }

    /// One sample after the other, from the newest row to the oldest, as the definition says.
    template <class Reduction>
    auto naive(std::size_t column, std::size_t oldest) const {
        reduction_state<Reduction, Cell> state{};
        std::uint64_t n = 0;
        for (std::size_t i = rows.size(); i-- > oldest;) {
            if (Cell::exists(rows[i][column])) {
                Reduction::add(state, Cell::load(rows[i][column]));
                ++n;
            }
        }
        return std::pair{
            n == 0 ? decltype(Reduction::result(state, 1)){} : Reduction::result(state, n), n};
    }

    template <class Reduction>
    void same_as_naive() const {
        const std::size_t oldest =
            rows.size() < chart.capacity() ? 0 : rows.size() - chart.capacity();
        std::vector<std::uint64_t> seen(chart.width(), 0);
        detail::reduce_columns<Reduction>(
            chart, chart.window(INT64_MIN, INT64_MAX), [&](std::size_t i, const auto& column) {
                const auto [value, samples] = this->template naive<Reduction>(i, oldest);
                const auto got = Reduction::result(column.state, column.samples);
                CHECK(column.samples == samples);
                CHECK(same_bits(got, value));
                seen[i] = column.samples;
            });
        for (std::size_t i = 0; i < chart.width(); ++i) {
            CHECK(seen[i] ==
                  naive<Reduction>(i, oldest).second);  // also of those never handed over
        }
        blocks_same_as_naive<Reduction>(oldest);
    }

    /// The values as a chart's lines get them.
    template <class Reduction>
    void blocks_same_as_naive(std::size_t oldest) const {
        std::size_t columns = 0;
        std::uint64_t all = 0;
        const std::uint64_t given = detail::reduce_blocks<detail::folded_values, Reduction>(
            chart, chart.window(INT64_MIN, INT64_MAX),
            [&](std::size_t first, const auto& out, std::size_t n) {
                CHECK(out.block.first == first);
                CHECK(out.block.size == n);
                for (std::size_t i = 0; i < n; ++i) {
                    const auto [value, samples] =
                        this->template naive<Reduction>(first + i, oldest);
                    CHECK((out.block.absent >> i & 1) == (samples == 0 ? 1 : 0));
                    CHECK((samples == 0 || same_bits(out.block.values[i], value)));
                    all += samples;
                }
                columns += n;
            },
            detail::widths_for<Reduction, basic_chart<Cell, dynamic_capacity, Recording>>{});
        CHECK(columns == chart.width());
        CHECK(given == all);
    }
};

/// Values that show a wrong order, a lost sign, a lost carry: mixed sizes, both zeros, gaps.
double sample(std::mt19937_64& random) {
    switch (random() % 8) {
        case 0: return gap;
        case 1: return -0.0;
        case 2: return 0.0;
        case 3: return static_cast<double>(random() % 100'000) / 7.0;
        case 4: return -static_cast<double>(random() % 1'000'000) * 1e-7;
        case 5: return 16'777'215.0 * static_cast<double>(random() % 1'000);
        case 6: return -1.6e14;
        default: return static_cast<double>(random() % 1000) * 0.1;
    }
}

}  // namespace

TEMPLATE_TEST_CASE("columns fold as if sample by sample, whatever their number", "",
                   (filled<double_cell, wait_free>), (filled<double_cell, unsynchronized>),
                   (filled<double_cell, locked>), (filled<float_cell, wait_free>),
                   (filled<float_cell, locked>), (filled<packed_cell, wait_free>),
                   (filled<packed_cell, unsynchronized>)) {
    std::mt19937_64 random{7};
    for (std::size_t width = 1; width <= 30; ++width) {
        TestType f{width, 1 + random() % 20};
        const std::size_t rows = random() % 40;
        for (std::size_t r = 0; r < rows; ++r) {
            std::vector<double> row(width);
            for (double& v : row) {
                v = sample(random);
            }
            f.record(row);
        }
        INFO(width << " columns, " << rows << " rows");
        f.template same_as_naive<sum>();
        f.template same_as_naive<average>();
        f.template same_as_naive<maximum>();
    }
}

TEST_CASE("columns of nothing but gaps give no line") {
    filled<double_cell, wait_free> f{5, 4};
    f.record({gap, 1.0, gap, gap, gap});
    f.record({gap, gap, 2.0, gap, gap});
    std::vector<std::size_t> given;
    detail::reduce_columns<sum>(f.chart, f.chart.window(0, 9),
                                [&](std::size_t i, const auto&) { given.push_back(i); });
    CHECK(given == std::vector<std::size_t>{1, 2});
}

TEST_CASE("sums of more rows than 64 bits can bear stay exact") {
    filled<packed_cell, unsynchronized> f{3, 70'000};
    for (int i = 0; i < 70'000; ++i) {
        f.record({16'777'215.0, -16'777'215.0, i % 9000 == 0 ? 1e14 : 16'777'214.0});
    }
    f.same_as_naive<sum>();
    f.same_as_naive<average>();
}

namespace {
/// Packed values of at most 16,777,215, which their vectors can sum: the largest, tiny ones, both
/// signs.
double narrow(std::mt19937_64& random) {
    const double sign = random() % 4 == 0 ? -1.0 : 1.0;
    switch (random() % 8) {
        case 0: return gap;
        case 1: return sign * 16'777'215.0;
        case 2: return sign * static_cast<double>(random() % 16'777'215);
        case 3: return sign * static_cast<double>(random() % 100) * 1e-7;
        default: return sign * static_cast<double>(random() % 10'000'000) * 0.001;
    }
}
}  // namespace

namespace {

/// Folds so many columns at once.
template <std::size_t Most>
struct cell_of : double_cell {
    template <std::size_t N>
    struct sums {
        using cell = cell_of;
        using load = detail::word_row<double, N>;

        template <class Row>
        void operator()(const Row& row) noexcept {
            for (std::size_t i = 0; i < N; ++i) {
                all[i] += row[i];
                ++samples[i];
            }
        }
        template <class Done>
        void store(Done done) const noexcept {
            for (std::size_t i = 0; i < N; ++i) {
                done(i, all[i], samples[i]);
            }
        }
        std::array<double_sum, N> all{};
        std::array<std::uint64_t, N> samples{};
    };
    static constexpr std::size_t max_columns = Most;
};

}  // namespace

TEMPLATE_TEST_CASE("every column is reduced, however many a cell folds at once", "", cell_of<1>,
                   cell_of<2>, cell_of<3>, cell_of<4>, cell_of<5>, cell_of<7>, cell_of<8>) {
    for (std::size_t width = 1; width <= 20; ++width) {
        filled<TestType, unsynchronized> of{width, 8};
        std::vector<double> row(width);
        for (int time = 0; time < 4; ++time) {
            for (std::size_t i = 0; i < width; ++i) {
                row[i] = static_cast<double>(i + 1);
            }
            of.record(row);
        }
        std::vector<double> found(width, gap);
        detail::reduce_columns<average>(of.chart, of.chart.window(0, 100),
                                        [&](std::size_t i, const auto& column) {
                                            REQUIRE(column.samples == 4);
                                            found.at(i) = column.state.mean(column.samples);
                                        });
        CHECK(found == row);
    }
}

TEMPLATE_TEST_CASE("packed cells are summed and divided exactly, two columns at a time", "",
                   wait_free, unsynchronized, locked) {
    std::mt19937_64 random{11};
    for (std::size_t rows = 1; rows <= 110; ++rows) {
        for (const std::size_t width : {1UL, 2UL, 4UL, 6UL, 7UL, 9UL, 10UL, 12UL, 26UL}) {
            filled<packed_cell, TestType> f{width, 100};
            const bool are_largest = random() % 10 == 0;
            const bool have_gaps = random() % 2 == 0;
            for (std::size_t r = 0; r < rows; ++r) {
                std::vector<double> row(width);
                for (double& v : row) {
                    do {
                        v = are_largest ? 16'777'215.0 - static_cast<double>(random() % 2)
                                        : narrow(random);
                    } while (!have_gaps && v != v);
                }
                f.record(row);
            }
            INFO(width << " columns, " << rows << " rows");
            f.template same_as_naive<sum>();
            f.template same_as_naive<average>();
        }
    }
}

// Otherwise all of it is right too, and slow.
static_assert(requires(const packed_sums<10>& sums) {
    sums.store_pairs([](std::size_t, const auto& pair, detail::f64x2 counts)
                         requires requires { average::result(pair, counts); }
                     {});
    sums.has_pairs();
});

TEST_CASE("means of packed cells that are ties, or next to one, are rounded half to even") {
    // n samples whose units add up to k * n + n / 2 and one more or less: all but one are k units.
    for (const std::int64_t k : {0, 1, 2, 3, 16'777'210}) {
        for (const std::size_t n : {2UL, 3UL, 4UL, 10UL, 20UL, 26UL, 27UL}) {
            filled<packed_cell, wait_free> f{8, 30};
            for (std::size_t r = 0; r < n; ++r) {
                std::vector<double> row;
                for (int column = 0; column < 8; ++column) {
                    const auto more =
                        r == 0 ? static_cast<std::int64_t>(n / 2) + column % 4 - 1 : 0;
                    const auto units = std::min<std::int64_t>(k + more, 16'777'215);
                    row.push_back(static_cast<double>(column < 4 ? units : -units) / 1e7);
                }
                f.record(row);
            }
            f.same_as_naive<average>();
        }
    }
}

namespace {
/// Whole numbers: derived from a cell that can sum columns at once, and different from it.
struct whole_cell : double_cell {
    static constexpr bool exists(word w) noexcept { return double_cell::exists(w) && w >= 1.0; }
};
}  // namespace

TEST_CASE("a derived cell's own idea of a sample counts") {
    filled<whole_cell, wait_free> f{3, 4};
    f.record({0.5, 2.0, 0.25});
    f.record({3.0, 0.5, 0.25});
    f.same_as_naive<sum>();
}

TEST_CASE("sums of very many packed cells do not leave their 64 bits") {
    for (const std::size_t rows : {(1UL << 15) - 1, 1UL << 15, (1UL << 15) + 1, 70'000UL}) {
        filled<packed_cell, wait_free> f{10, 70'000};
        for (std::size_t r = 0; r < rows; ++r) {
            f.record(std::vector<double>(10, 16'777'215.0));
        }
        f.same_as_naive<sum>();
        f.same_as_naive<average>();
    }
}
