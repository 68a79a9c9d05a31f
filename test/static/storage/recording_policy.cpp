// SPDX-License-Identifier: BSL-1.0
#include <backends/storage/recording_policy.hpp>

#include <backends/storage/chart.hpp>
#include <backends/storage/locked.hpp>
#include <backends/storage/unsynchronized.hpp>
#include <backends/storage/wait_free.hpp>
#include <backends/testing/recording_policy_archetype.hpp>

#include <type_traits>

using namespace backends;

static_assert(recording_policy<unsynchronized>);
static_assert(recording_policy<wait_free>);
static_assert(recording_policy<locked>);
static_assert(recording_policy<testing::recording_policy_archetype>);

struct no_guard_for_reading : unsynchronized {
    int reading() const = delete;
};
struct loads_nothing : unsynchronized {
    template <class Word>
    static void load(const Word&) noexcept {}
};
static_assert(!recording_policy<int>);
static_assert(!recording_policy<no_guard_for_reading>);
static_assert(!recording_policy<loads_nothing>);

// Policies that need no guard have an empty one, and take no room in a chart.
static_assert(std::is_empty_v<unsynchronized> && std::is_empty_v<wait_free>);
static_assert(std::is_empty_v<decltype(wait_free{}.recording())>);

// Recording never throws, whatever the policy.
template <class Chart>
constexpr bool records_without_throwing = requires(Chart& chart, const double (&row)[2]) {
    { chart.record(0, row) } noexcept;
    { chart.record(0, {1, 2}) } noexcept;
    { chart.set(0, 1) } noexcept;
    { chart.commit(0) } noexcept;
};
static_assert(records_without_throwing<basic_chart<double_cell, 9, unsynchronized>>);
static_assert(records_without_throwing<basic_chart<double_cell, 9, wait_free>>);
static_assert(records_without_throwing<basic_chart<double_cell, 9, locked>>);

template class backends::basic_chart<double_cell, 9, testing::recording_policy_archetype>;
