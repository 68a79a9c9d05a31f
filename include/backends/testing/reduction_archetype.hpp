// SPDX-License-Identifier: BSL-1.0
//
// The minimal model of the reduction concept.
#pragma once

#include <backends/source/reduction.hpp>

#include <cstdint>

namespace backends::inline BACKENDS_ISA::testing {

/// Ignores its samples; always 0.
struct reduction_archetype {
    static constexpr const char* name = "archetype";
    struct state {};
    static void add(state&, double) noexcept {}
    static double result(const state&, std::uint64_t) noexcept { return 0; }
};

static_assert(reduction<reduction_archetype>);

}  // namespace backends::testing
