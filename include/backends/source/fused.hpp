// SPDX-License-Identifier: BSL-1.0
//
// Source: several reductions in one walk over the samples. Each has its own line, whose dimension
// is `dimension.reduction`.
#pragma once

#include <backends/core/quantity.hpp>
#include <backends/core/time.hpp>
#include <backends/source/is_fused.hpp>
#include <backends/source/reduction.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <tuple>
#include <utility>

namespace backends::inline BACKENDS_ISA {

/// A pack of reductions: fused<average, maximum>. Serves as a data source like a single reduction.
template <reduction... Reductions>
    requires(sizeof...(Reductions) > 0)
struct fused {
    static constexpr std::string_view name = "fused";
    /// The reductions' names, in order.
    static constexpr std::array<std::string_view, sizeof...(Reductions)> names{Reductions::name...};

    /// What their results are, in order.
    static constexpr std::array<quantity, sizeof...(Reductions)> quantities{
        detail::quantity_given<Reductions>()...};

    template <cell Cell>
    using state = std::tuple<reduction_state<Reductions, Cell>...>;

    template <class... States, class Value>
    static constexpr void add(std::tuple<States...>& states, Value value) noexcept {
        std::apply([&](States&... state) { (Reductions::add(state, value), ...); }, states);
    }

    /// Calls sink(index, result) for every reduction.
    template <class... States, class Emit>
    static constexpr void results(const std::tuple<States...>& states, std::uint64_t n,
                                  seconds every, Emit&& sink) {
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            (sink(I, detail::result_of<Reductions>(std::get<I>(states), n, every)), ...);
        }(std::index_sequence_for<Reductions...>{});
    }
};

}  // namespace backends
