// SPDX-License-Identifier: BSL-1.0
//
// Elements whose number their owner knows already: one pointer, where a vector has three. There are
// hundreds of thousands of charts with several each. (<memory> and its unique_ptr would make up a
// quarter of what it costs to include a chart.)
#pragma once

#include <backends/isa.hpp>

#include <cstddef>

namespace backends::inline BACKENDS_ISA::detail {

template <class T>
class fixed_array {
public:
    fixed_array() = default;
    /// `n` elements of this value, none allocated for 0.
    explicit fixed_array(std::size_t n, T value = {}) : data_{n != 0 ? new T[n] : nullptr} {
        for (std::size_t i = 0; i < n; ++i) {
            data_[i] = value;
        }
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
