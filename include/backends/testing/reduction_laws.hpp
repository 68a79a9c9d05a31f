// SPDX-License-Identifier: BSL-1.0
//
// The laws of a reduction, for any samples and any test framework or fuzzer: each broken law gives
// a sentence. test/unit/source holds the provided reductions to them.
#pragma once

#include <backends/core/time.hpp>
#include <backends/source/fused.hpp>
#include <backends/source/last.hpp>
#include <backends/source/reduction.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <tuple>
#include <type_traits>

namespace backends::inline BACKENDS_ISA::testing {

/// The laws of every reduction:
/// 1. its name can be part of a dimension's: not empty, no blank or separator;
/// 2. the same samples in the same order give the same result: it has no other memory;
/// 3. reading the result does not change it;
/// 4. fused with another reduction it gives the same result as alone.
template <class Reduction, cell Cell>
    requires reduction_over<Reduction, Cell>
struct reduction_laws {
    /// The first broken law for samples, newest first, or an empty text. Precondition: there is at
    /// least one sample, and all exist.
    static std::string broken(std::span<const typename Cell::word> samples) {
        const std::string_view name = Reduction::name;
        if (name.empty() || name.find_first_of(" .;=\n") != name.npos) {
            return "the name cannot stand in a line: " + std::string{name};
        }
        const std::uint64_t n = samples.size();
        const auto state = fold<reduction_state<Reduction, Cell>, Reduction>(samples);
        const auto again = fold<reduction_state<Reduction, Cell>, Reduction>(samples);
        constexpr seconds every{10};
        const auto result = backends::detail::result_of<Reduction>(state, n, every);
        if (!(backends::detail::result_of<Reduction>(again, n, every) == result)) {
            return "the same samples give another result";
        }
        if (!(backends::detail::result_of<Reduction>(state, n, every) == result)) {
            return "asking again gives another result";
        }
        using number = decltype(backends::detail::result_of<Reduction>(state, n, every));
        using pair = fused<last, Reduction>;
        bool is_same = false;
        pair::results(fold<typename pair::template state<Cell>, pair>(samples), n, every,
                      [&](std::size_t i, auto value) {
                          if constexpr (std::same_as<decltype(value), number>) {
                              is_same = is_same || (i == 1 && value == result);
                          }
                      });
        return is_same ? "" : "fused it gives another result";
    }

private:
    template <class State, class Folded>
    static State fold(std::span<const typename Cell::word> samples) {
        State state{};
        for (const auto word : samples) {
            Folded::add(state, Cell::load(word));
        }
        return state;
    }
};

}  // namespace backends::testing
