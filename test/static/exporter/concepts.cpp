// SPDX-License-Identifier: BSL-1.0
//
// Which types are clocks, and what an exporter takes for its source.
#include <backends/exporter/exporter.hpp>

#include <backends/source/average.hpp>
#include <backends/source/fused.hpp>
#include <backends/source/maximum.hpp>

#include "support/stepped_clock.hpp"

namespace {

struct no_system : test::stepped_clock {
    static backends::unix_seconds system_now() = delete;
};
struct may_throw {
    static backends::instant steady_now() { return {}; }
    static backends::unix_seconds system_now() noexcept { return 0; }
};
struct wrong_unit {
    static backends::instant steady_now() noexcept { return {}; }
    static double system_now() noexcept { return 0; }
};

static_assert(backends::clock<backends::system_clock>);
static_assert(backends::clock<test::stepped_clock>);
static_assert(!backends::clock<no_system>);
static_assert(!backends::clock<may_throw>);
static_assert(!backends::clock<wrong_unit>);
static_assert(!backends::clock<int>);

static_assert(backends::source_or_reduction<backends::average>);
static_assert(backends::source_or_reduction<backends::as_collected>);
static_assert(backends::source_or_reduction<backends::stored<backends::maximum>>);
static_assert(backends::source_or_reduction<backends::fused<backends::average, backends::maximum>>);
static_assert(!backends::source_or_reduction<backends::double_cell>);
static_assert(!backends::source_or_reduction<int>);

}  // namespace
