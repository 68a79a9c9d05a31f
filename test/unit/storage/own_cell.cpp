// SPDX-License-Identifier: BSL-1.0
//
// A cell type of a user's own, as docs/concepts/cell.md shows it.
#include <backends/cell/cell.hpp>

#include <backends/core/decimal.hpp>
#include <backends/source/average.hpp>
#include <backends/source/maximum.hpp>
#include <backends/source/reduce.hpp>
#include <backends/storage/chart.hpp>
#include <backends/testing/cell_laws.hpp>

#include "catch.hpp"

#include <cstdint>
#include <limits>

//! [own_cell]
/// Half degrees in four bytes: a sample is a whole number of halves, so sums are exact.
struct half_degree_cell {
    using word = std::int32_t;
    using value = double;
    using number = double;

    class sum {
    public:
        void operator+=(double v) noexcept { halves_ += static_cast<std::int64_t>(2 * v); }
        double total() const noexcept { return static_cast<double>(halves_) / 2; }
        double mean(std::uint64_t n) const noexcept { return total() / static_cast<double>(n); }

    private:
        std::int64_t halves_ = 0;
    };

    static constexpr word largest = std::numeric_limits<word>::max();
    static constexpr word gap = std::numeric_limits<word>::min();

    static backends::stored_word<word> store(double v, bool /*was_reset*/) noexcept {
        using backends::store_outcome;
        if (!(v - v == 0)) {
            return {gap, store_outcome::not_finite};
        }
        const double halves = 2 * v;
        if (halves > largest || halves < -largest) {
            return {halves > 0 ? largest : -largest, store_outcome::saturated};
        }
        return {static_cast<word>(halves), store_outcome::kept};
    }
    static bool exists(word w) noexcept { return w != gap; }
    static value load(word w) noexcept { return static_cast<double>(w) / 2; }
};
static_assert(backends::cell<half_degree_cell>);

using climate_chart = backends::basic_chart<half_degree_cell>;
//! [own_cell]

using namespace backends;

TEST_CASE("a cell of one's own obeys the laws and serves a chart") {
    for (const double v : {0.0, 0.4, -0.6, 21.5, 1e9, -1e300}) {
        REQUIRE(testing::cell_laws<half_degree_cell>::broken(v, -1.0) == "");
    }
    climate_chart chart{"room", {"celsius"}, value_kind::floating, {}};
    REQUIRE(chart.record(1, {20.5}));
    REQUIRE(chart.record(3, {22.0}));
    REQUIRE(reduce<average>(chart, 0, 0, 3) == 21.25);
}
