// SPDX-License-Identifier: BSL-1.0
#include <backends/cell/cell.hpp>

#include <backends/cell/double_cell.hpp>
#include <backends/cell/float_cell.hpp>
#include <backends/cell/packed_cell.hpp>
#include <backends/core/decimal.hpp>
#include <backends/source/average.hpp>
#include <backends/source/fused.hpp>
#include <backends/source/maximum.hpp>
#include <backends/source/stored.hpp>
#include <backends/storage/chart.hpp>
#include <backends/testing/cell_archetype.hpp>

#include <concepts>
#include <cstdint>

using namespace backends;

static_assert(cell<double_cell>);
static_assert(cell<float_cell>);
static_assert(cell<packed_cell>);
static_assert(cell<testing::cell_archetype>);

// What is not a cell.
struct nothing {};
struct word_too_small : double_cell {
    using word = std::uint16_t;
};
struct boolean_word : double_cell {
    using word = bool;
};
struct store_may_throw : double_cell {
    static stored_word<word> store(double v, bool) { return {v}; }
};
struct store_tells_nothing : double_cell {
    static word store(double v, bool) noexcept { return v; }
};
struct no_gap : double_cell {
    struct gap;
};
struct sum_without_mean : double_cell {
    struct sum {
        void operator+=(double) noexcept {}
        [[nodiscard]] double total() const noexcept { return 0; }
    };
};
struct value_is_no_number : double_cell {
    struct value {};
};
static_assert(!cell<nothing>);
static_assert(!cell<int>);
static_assert(!cell<word_too_small>);
static_assert(!cell<boolean_word>);
static_assert(!cell<store_may_throw>);
static_assert(!cell<store_tells_nothing>);
static_assert(!cell<no_gap>);
static_assert(!cell<sum_without_mean>);
static_assert(!cell<value_is_no_number>);

// Four bytes a sample, and one store of a word.
static_assert(sizeof(packed_cell::word) == 4 && sizeof(float_cell::word) == 4);
static_assert(sizeof(packed_value) == 4);

// Lines of packed cells are exact, those of the others doubles.
static_assert(std::same_as<packed_cell::number, decimal>);
static_assert(std::same_as<double_cell::number, double>);
static_assert(std::same_as<float_cell::number, double>);

// The library asks no more of a cell than the concept says.
template class backends::basic_chart<testing::cell_archetype, 10, wait_free>;
using archetype_chart = basic_chart<testing::cell_archetype>;
static_assert(requires(const archetype_chart& chart, stored<average>::cursor& at) {
    stored<average>::read(chart, at, 0, [](auto...) noexcept {});
    stored<fused<average, maximum>>::read_window(chart, 0, 0, [](auto...) noexcept {});
});
