// SPDX-License-Identifier: BSL-1.0
//
// Source, reduction: the largest sample.
#pragma once

#include <backends/source/reduction.hpp>

#include <cstdint>
#include <string_view>

namespace backends::inline BACKENDS_ISA {

/// Exact with packed cells.
struct maximum {
    static constexpr std::string_view name = "maximum";

    template <cell Cell>
    struct state {
        typename Cell::number value{};  ///< the greatest so far
        bool is_set = false;            ///< whether there is one
    };

    template <class State, class Value>
    static constexpr void add(State& found, Value value) noexcept {
        const auto number = static_cast<decltype(found.value)>(value);
        found.value = !found.is_set || number > found.value ? number : found.value;
        found.is_set = true;
    }
    template <class State>
    static constexpr auto result(const State& found, std::uint64_t /*n*/) noexcept {
        return found.value;
    }
};

static_assert(reduction<maximum>);

}  // namespace backends
