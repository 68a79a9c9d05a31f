// SPDX-License-Identifier: BSL-1.0
//
// Source, reduction: the number of samples, an integer.
#pragma once

#include <backends/core/quantity.hpp>
#include <backends/source/reduction.hpp>

#include <cstdint>
#include <string_view>

namespace backends::inline BACKENDS_ISA {

/// The number of samples in the window, without gaps.
struct count {
    static constexpr std::string_view name = "count";
    static constexpr quantity gives = quantity::amount;

    struct state {};

    template <class Value>
    static constexpr void add(state& /*unused*/, const Value& /*unused*/) noexcept {}
    static constexpr std::uint64_t result(const state& /*unused*/, std::uint64_t n) noexcept {
        return n;
    }
};

static_assert(reduction<count>);

}  // namespace backends
