// SPDX-License-Identifier: BSL-1.0
//
// An array whose owner knows its size: one pointer instead of a vector's three. A program has
// hundreds of thousands of charts with several arrays each. unique_ptr would need <memory>, a
// quarter of the cost of including a chart.
#pragma once

#include <backends/isa.hpp>

#include <cstddef>

namespace backends::inline BACKENDS_ISA::detail {

template <class T>
class fixed_array {
public:
    fixed_array() = default;
    /// Makes `n` elements with this value. Allocates nothing for 0.
    explicit fixed_array(std::size_t n, T value = {}) : data_{n != 0 ? new T[n] : nullptr} {
        for (std::size_t i = 0; i < n; ++i) {
            data_[i] = value;
        }
    }
    /// Makes `n` elements whose values are not set.
    static fixed_array unset(std::size_t n) {
        fixed_array made;
        made.data_ = new T[n];
        return made;
    }
    fixed_array(fixed_array&& other) noexcept : data_{other.data_} { other.data_ = nullptr; }
    fixed_array& operator=(fixed_array&&) = delete;
    ~fixed_array() { delete[] data_; }

    [[nodiscard]] T* data() noexcept { return data_; }
    [[nodiscard]] const T* data() const noexcept { return data_; }
    [[nodiscard]] T& operator[](std::size_t i) noexcept { return data_[i]; }
    [[nodiscard]] const T& operator[](std::size_t i) const noexcept { return data_[i]; }

private:
    T* data_ = nullptr;
};

}  // namespace backends::detail
