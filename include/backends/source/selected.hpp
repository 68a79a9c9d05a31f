// SPDX-License-Identifier: BSL-1.0
//
// Source: the common part of reductions that give one of the samples: minimum, maximum, last.
#pragma once

#include <backends/cell/cell.hpp>
#include <backends/isa.hpp>

#include <cstdint>

namespace backends::inline BACKENDS_ISA {

/// Gives one sample. Exact with packed cells.
///
/// @tparam Derived  the reduction: its replaces(sample, found) says whether a sample takes the
///                  place of the newer one found so far
template <class Derived>
struct selected {
    /// The sample found so far.
    template <cell Cell>
    struct state {
        typename Cell::number value{};  ///< its value
        bool is_set = false;            ///< whether there is one
    };

    /// Takes a sample where it replaces the found one.
    template <class State, class Value>
    static constexpr void add(State& found, Value value) noexcept {
        const auto sample = static_cast<decltype(found.value)>(value);
        found.value =
            !found.is_set || Derived::replaces(sample, found.value) ? sample : found.value;
        found.is_set = true;
    }
    /// The found sample.
    template <class State>
    static constexpr auto result(const State& found, std::uint64_t /*n*/) noexcept {
        return found.value;
    }
};

}  // namespace backends::inline BACKENDS_ISA
