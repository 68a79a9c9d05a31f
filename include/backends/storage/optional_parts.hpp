// SPDX-License-Identifier: BSL-1.0
//
// Storage: the optional parts of cells and recording policies. A type with a part's name must have
// the whole part: an incomplete or mistyped part does not compile, instead of being slow in
// silence. C++20 cannot detect a misspelt name.
#pragma once

#include <backends/cell/row_views.hpp>
#include <backends/core/member_name.hpp>
#include <backends/hardware/registers.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>

namespace backends::inline BACKENDS_ISA {

namespace detail {
BACKENDS_MEMBER_NAME(sums);
BACKENDS_MEMBER_NAME(max_columns);
BACKENDS_MEMBER_NAME(load_vector);
BACKENDS_MEMBER_NAME(load_top_byte);

struct any_done {
    void operator()(std::size_t, const auto&, std::uint64_t) const noexcept {}
};
}  // namespace detail

/// A cell that sums several columns at once: `sums<N>`, and `max_columns`, the largest N that pays.
template <class Cell>
concept summing_cell = requires(const typename Cell::template sums<2>& columns) {
    { Cell::max_columns } -> std::convertible_to<std::size_t>;
    typename Cell::template sums<2>::cell;
    typename Cell::template sums<2>::load;
    columns.store(detail::any_done{});
};

/// - `load_vector<Vector>(words)`  a recording policy loads the words of neighbouring columns at
///   once
template <class Policy>
concept vector_loading_policy = detail::loads_vectors<Policy, detail::f64x2, double>;

/// - `load_top_byte(word)`  a recording policy loads the top byte of a word alone
template <class Policy>
concept byte_loading_policy = detail::loads_top_bytes<Policy>;

namespace detail {

/// True, or a compile error that names the wrong part.
template <class Cell, class Recording>
consteval bool has_whole_parts() {
    static_assert(
        (!has_sums<Cell> && !has_max_columns<Cell>) || summing_cell<Cell>,
        "backends: a cell has both max_columns and sums<N>, with cell, load and store(done), "
        "or none of them; see docs/concepts/cell.md");
    static_assert(
        !has_load_vector<Recording> || vector_loading_policy<Recording>,
        "backends: a recording policy's load_vector<Vector>(words) is static, noexcept and "
        "gives a Vector; see docs/concepts/recording_policy.md");
    static_assert(
        !has_load_top_byte<Recording> || byte_loading_policy<Recording>,
        "backends: a recording policy's load_top_byte(word) is static, noexcept and gives "
        "an unsigned char; see docs/concepts/recording_policy.md");
    return true;
}

}  // namespace detail
}  // namespace backends
