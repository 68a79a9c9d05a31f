// SPDX-License-Identifier: BSL-1.0
//
// Source, first concept: a reduction folds the samples of a window to one value. Your own reduction
// is a struct with a name, a state, add() and result(); see docs/concepts/reduction.md.
#pragma once

#include <backends/cell/cell.hpp>
#include <backends/cell/double_cell.hpp>
#include <backends/core/decimal.hpp>
#include <backends/core/inline.hpp>
#include <backends/core/quantity.hpp>
#include <backends/core/time.hpp>

#include <concepts>
#include <cstdint>
#include <string_view>

namespace backends::inline BACKENDS_ISA {

/// A value that a line can carry.
template <class T>
concept line_value = std::same_as<T, double> || std::same_as<T, decimal> ||
                     std::same_as<T, std::int64_t> || std::same_as<T, std::uint64_t>;

namespace detail {
template <class Reduction, class Cell>
struct state_of {};
template <class Reduction, class Cell>
    requires requires { typename Reduction::state; }
struct state_of<Reduction, Cell> {
    using type = typename Reduction::state;
};
template <class Reduction, class Cell>
    requires requires { typename Reduction::template state<Cell>; }
struct state_of<Reduction, Cell> {
    using type = typename Reduction::template state<Cell>;
};

/// The value to print. Passes the seconds of a slot to a reduction that takes them.
template <class Reduction, class State, class Count>
BACKENDS_INLINE constexpr auto result_of(const State& state, Count n, seconds every) noexcept {
    if constexpr (requires { Reduction::result(state, n, every); }) {
        static_assert(noexcept(Reduction::result(state, n, every)));
        return Reduction::result(state, n, every);
    } else {
        return Reduction::result(state, n);
    }
}

/// The seconds of a slot, for a reduction that takes them; empty for others.
template <class Reduction, class State>
struct slot_seconds {
    constexpr explicit slot_seconds(seconds) noexcept {}
    static constexpr seconds value() noexcept { return seconds{1}; }
};
template <class Reduction, class State>
    requires requires(const State& seen, std::uint64_t n, seconds every) {
        Reduction::result(seen, n, every);
    }
struct slot_seconds<Reduction, State> {
    constexpr explicit slot_seconds(seconds every) noexcept : every_{every} {}
    [[nodiscard]] constexpr seconds value() const noexcept { return every_; }

private:
    seconds every_;
};

template <class Reduction, class State>
concept gives_result = requires(const State& seen, std::uint64_t n, seconds every) {
    { Reduction::result(seen, n) } noexcept -> line_value;
} || requires(const State& seen, std::uint64_t n, seconds every) {
    { Reduction::result(seen, n, every) } noexcept -> line_value;
};
}  // namespace detail

/// A reduction's state for one dimension: `template <class Cell> state` or a plain `state`.
template <class Reduction, class Cell>
using reduction_state = typename detail::state_of<Reduction, Cell>::type;

/// A reduction over samples of a cell type: stateless, only static members.
///
/// - `name`               its name in a fused line
/// - `state`              default constructed: no samples seen
/// - `add(state, value)`  takes one sample; called from the newest to the oldest, never for a gap
/// - `result(state, n)`   the value to print after n > 0 samples; or `result(state, n, every)`,
///   which also gets the seconds of the chart's slots
/// - `gives`              optional: quantity::amount where results of several windows add up
template <class Reduction, class Cell>
concept reduction_over =
    cell<Cell> && std::default_initializable<reduction_state<Reduction, Cell>> &&
    detail::gives_result<Reduction, reduction_state<Reduction, Cell>> &&
    requires(reduction_state<Reduction, Cell>& state, typename Cell::value value) {
        { Reduction::name } -> std::convertible_to<std::string_view>;
        { Reduction::add(state, value) } noexcept;
    };

namespace detail {
/// What the result says; without a member `gives` it is a level.
template <class Reduction>
consteval quantity quantity_given() {
    if constexpr (requires { Reduction::gives; }) {
        return Reduction::gives;
    } else {
        return quantity::level;
    }
}
}  // namespace detail

/// A reduction over the default cell.
template <class Reduction>
concept reduction = reduction_over<Reduction, double_cell>;

}  // namespace backends
