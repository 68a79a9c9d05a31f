// SPDX-License-Identifier: BSL-1.0
//
// Storage: the rows that a chart accepts.
#pragma once

#include <backends/isa.hpp>
#include <backends/storage/collected.hpp>

#include <cstddef>
#include <initializer_list>
#include <span>  // std::size: <iterator> comes with streams
#include <type_traits>
#include <utility>

namespace backends::inline BACKENDS_ISA {

namespace detail {
template <class Row>
using element_of = std::remove_cvref_t<decltype(std::declval<const Row&>()[std::size_t{}])>;

template <class T>
struct listed_row {
    std::initializer_list<T> values;
    std::conditional_t<collectable<T>, T, double> operator[](std::size_t i) const noexcept {
        return values.begin()[i];
    }
    [[nodiscard]] std::size_t size() const noexcept { return values.size(); }
};

/// The number of a row's values, at most `width`. A row without a size has them all.
template <class Row>
constexpr std::size_t size_of_row(const Row& row, std::size_t width) noexcept {
    if constexpr (requires { std::size(row); }) {
        return std::size(row) < width ? std::size(row) : width;
    } else {
        return width;
    }
}
}  // namespace detail

/// One value per dimension: anything indexable with numbers as elements.
template <class Row>
concept collectable_row = requires { requires collectable<detail::element_of<Row>>; };

}  // namespace backends::inline BACKENDS_ISA
