// SPDX-License-Identifier: BSL-1.0
#include <backends/storage/chart.hpp>

#include <backends/storage/host.hpp>
#include <backends/storage/struct_chart.hpp>

#include <boost/hana/adapt_struct.hpp>

#include <array>
#include <concepts>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

using namespace backends;

// What can be recorded.
static_assert(collectable_row<std::vector<int>>);
static_assert(collectable_row<std::array<double, 3>>);
static_assert(collectable_row<std::span<const float>>);
static_assert(collectable_row<const unsigned long*>);
static_assert(!collectable_row<double>);
static_assert(!collectable_row<std::vector<std::string>>);
static_assert(!collectable<long double>);

// Which structs are charts.
struct numbers {
    int a;
    double b;
};
struct with_text {
    int a;
    std::string b;
};
struct not_adapted {
    int a;
};
BOOST_HANA_ADAPT_STRUCT(numbers, a, b);
BOOST_HANA_ADAPT_STRUCT(with_text, a, b);
static_assert(chart_struct<numbers>);
static_assert(!chart_struct<with_text>);
static_assert(!chart_struct<not_adapted>);
static_assert(!chart_struct<int>);

// A chart of a struct takes the struct, not a row of loose numbers.
static_assert(requires(struct_chart<numbers>& chart) {
    static_cast<void>(chart.record(0, {.a = 1, .b = 2}));
});
template <class Chart>
concept takes_loose_numbers =
    requires(Chart& c) { static_cast<void>(c.record(0, std::array{1.0, 2.0})); };
static_assert(takes_loose_numbers<chart>);
static_assert(!takes_loose_numbers<struct_chart<numbers>>);
static_assert(std::derived_from<struct_chart<numbers>, chart>);

// Charts stay where they are.
static_assert(!std::is_copy_constructible_v<chart> && !std::is_move_constructible_v<chart>);
static_assert(!std::is_copy_constructible_v<host> && !std::is_move_constructible_v<host>);

// Reading never throws.
static_assert(requires(const chart& c) {
    { c.window(0, 0) } noexcept;
    { c.unread(0) } noexcept;
    { c.recorded() } noexcept;
    { c.collected(0) } noexcept;
    { c.counters() } noexcept;
});
