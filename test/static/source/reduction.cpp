// SPDX-License-Identifier: BSL-1.0
#include <backends/source/reduction.hpp>

#include <backends/cell/float_cell.hpp>
#include <backends/cell/packed_cell.hpp>
#include <backends/source/average.hpp>
#include <backends/source/count.hpp>
#include <backends/source/fused.hpp>
#include <backends/source/last.hpp>
#include <backends/source/maximum.hpp>
#include <backends/source/minimum.hpp>
#include <backends/source/sum.hpp>
#include <backends/source/total_over_time.hpp>
#include <backends/testing/cell_archetype.hpp>
#include <backends/testing/reduction_archetype.hpp>

#include "unit/source/own_reduction.hpp"

#include <string>

using namespace backends;

template <class Reduction>
constexpr bool over_every_cell =
    reduction_over<Reduction, double_cell> && reduction_over<Reduction, float_cell> &&
    reduction_over<Reduction, packed_cell> && reduction_over<Reduction, testing::cell_archetype>;
static_assert(over_every_cell<average>);
static_assert(over_every_cell<sum>);
static_assert(over_every_cell<volume>);
static_assert(over_every_cell<total_over_time>);
static_assert(over_every_cell<minimum>);
static_assert(over_every_cell<maximum>);
static_assert(over_every_cell<last>);
static_assert(over_every_cell<count>);
static_assert(over_every_cell<range>);
static_assert(over_every_cell<testing::reduction_archetype>);

// What is not a reduction.
struct no_name : range {
    struct name;
};
struct no_state {
    static constexpr std::string_view name = "no_state";
    static void add(int&, double) noexcept {}
    static double result(const int&, std::uint64_t) noexcept { return 0; }
};
struct add_may_throw : range {
    static void add(state&, double) {}
};
struct result_is_text : range {
    static std::string result(const state&, std::uint64_t) noexcept { return {}; }
};
struct result_without_count : range {
    static double result(const state&) noexcept { return 0; }
};
struct result_in_minutes : range {
    static double result(const state&, std::uint64_t, int) noexcept = delete;
    static double result(const state&, std::uint64_t, seconds);
};
static_assert(!reduction<result_in_minutes>);
static_assert(!reduction<int>);
static_assert(!reduction<no_name>);
static_assert(!reduction<no_state>);
static_assert(!reduction<add_may_throw>);
static_assert(!reduction<result_is_text>);
static_assert(!reduction<result_without_count>);
static_assert(!reduction<double_cell>);

// What a line prints.
template <class Reduction, class Cell>
using result_of = decltype(Reduction::result(reduction_state<Reduction, Cell>{}, 1));
static_assert(std::same_as<result_of<average, double_cell>, double>);
static_assert(std::same_as<result_of<average, packed_cell>, decimal>);
static_assert(std::same_as<result_of<maximum, packed_cell>, decimal>);
static_assert(std::same_as<result_of<last, float_cell>, double>);
static_assert(std::same_as<result_of<count, packed_cell>, std::uint64_t>);
static_assert(std::same_as<result_of<range, packed_cell>, double>);

// An average needs no more than its sum in a register or two.
static_assert(sizeof(reduction_state<average, double_cell>) == sizeof(double));

template <class... Reductions>
concept can_be_fused = requires { typename fused<Reductions...>; };
static_assert(can_be_fused<average, range>);
static_assert(!can_be_fused<>);
static_assert(!can_be_fused<average, int>);
