// SPDX-License-Identifier: BSL-1.0
//
// Source, reduction: the newest sample.
#pragma once

#include <backends/source/reduction.hpp>

#include <cstdint>
#include <string_view>

namespace backends::inline BACKENDS_ISA {

/// Exact with packed cells. The first added sample is the newest.
struct last {
    static constexpr std::string_view name = "last";

    template <cell Cell>
    struct state {
        typename Cell::number value{};  ///< the newest sample
        bool is_set = false;            ///< whether there is one
    };

    template <class State, class Value>
    static constexpr void add(State& found, Value value) noexcept {
        found.value = found.is_set ? found.value : static_cast<decltype(found.value)>(value);
        found.is_set = true;
    }
    template <class State>
    static constexpr auto result(const State& found, std::uint64_t /*n*/) noexcept {
        return found.value;
    }
};

static_assert(reduction<last>);

}  // namespace backends
