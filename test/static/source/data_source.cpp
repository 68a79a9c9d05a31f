// SPDX-License-Identifier: BSL-1.0
#include <backends/source/as_source.hpp>

#include <backends/source/average.hpp>
#include <backends/source/fused.hpp>
#include <backends/source/sum.hpp>
#include <backends/testing/data_source_archetype.hpp>

#include <concepts>

using namespace backends;

static_assert(data_source<as_collected>);
static_assert(data_source<stored<average>>);
static_assert(data_source<stored<fused<average, sum>>>);
static_assert(data_source<testing::data_source_archetype>);

// A bare reduction is no source, but stands for one.
static_assert(!data_source<average>);
static_assert(source_or_reduction<average>);
static_assert(source_or_reduction<fused<average, sum>>);
static_assert(source_or_reduction<as_collected>);
static_assert(!source_or_reduction<int>);
static_assert(!source_or_reduction<chart>);
static_assert(std::same_as<as_source<average>, stored<average>>);
static_assert(std::same_as<as_source<as_collected>, as_collected>);
static_assert(std::same_as<as_source<stored<sum>>, stored<sum>>);

struct no_cursor : testing::data_source_archetype {
    struct cursor {
        cursor() = delete;
    };
};
struct reading_may_throw : testing::data_source_archetype {
    static read_result read(const auto&, cursor&, unix_seconds, auto&&) { return {}; }
};
static_assert(!data_source<no_cursor>);
static_assert(!data_source<reading_may_throw>);
