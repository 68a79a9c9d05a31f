// SPDX-License-Identifier: BSL-1.0
//
// A row of elements that grows. A program has some twenty kinds of them, and std::vector costs each
// sixty functions, which every compilation of an exporter pays for; these are ten.
#pragma once

#include <backends/core/inline.hpp>
#include <backends/isa.hpp>

#include <boost/core/no_exceptions_support.hpp>

#include <cstddef>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

namespace backends::inline BACKENDS_ISA::detail {

/// Memory of `bytes` bytes that begins with the first `used` of `old`, which it frees. Throws
/// std::bad_alloc; then `old` stays.
[[gnu::noinline]] inline void* moved_bytes(void* old, std::size_t used, std::size_t bytes) {
    void* const made = ::operator new(bytes);
    if (used != 0) {
        std::memcpy(made, old, used);
    }
    ::operator delete(old);
    return made;
}

/// What the library needs of std::vector, by the same names and with the same guarantees. Growth
/// doubles; whoever wants another pace reserves. Not thread-safe.
///
/// @tparam T  movable without exceptions
template <class T>
class list {
public:
    list() = default;
    /// `n` times the value.
    explicit list(std::size_t n, T value = T{}) {
        static_assert(std::is_trivially_copyable_v<T>);
        resize(n, value);
    }
    list(list&& other) noexcept
        : data_{std::exchange(other.data_, nullptr)},
          size_{std::exchange(other.size_, 0)},
          capacity_{std::exchange(other.capacity_, 0)} {}
    list& operator=(list&& other) noexcept {
        list old{std::move(other)};
        swap(old);
        return *this;
    }
    BACKENDS_INLINE ~list() {
        clear();
        ::operator delete(data_);
    }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] T* data() noexcept { return data_; }
    [[nodiscard]] const T* data() const noexcept { return data_; }
    [[nodiscard]] T* begin() noexcept { return data_; }
    [[nodiscard]] const T* begin() const noexcept { return data_; }
    [[nodiscard]] T* end() noexcept { return data_ + size_; }
    [[nodiscard]] const T* end() const noexcept { return data_ + size_; }
    [[nodiscard]] T& operator[](std::size_t i) noexcept { return data_[i]; }
    [[nodiscard]] const T& operator[](std::size_t i) const noexcept { return data_[i]; }
    /// Precondition of both: not empty.
    [[nodiscard]] T& back() noexcept { return data_[size_ - 1]; }
    [[nodiscard]] const T& back() const noexcept { return data_[size_ - 1]; }

    void reserve(std::size_t n) {
        if (n > capacity_) {
            move_to(n);
        }
    }
    /// Without memory for a copy, everything stays.
    void shrink_to_fit() noexcept {
        if (size_ != capacity_) {
            BOOST_TRY { move_to(size_); }
            BOOST_CATCH(...) {}
            BOOST_CATCH_END
        }
    }
    /// Returns the new last element.
    T& push_back(T value) {
        if (size_ == capacity_) {
            move_to(capacity_ != 0 ? 2 * capacity_ : 1);
        }
        return *::new (static_cast<void*>(data_ + size_++)) T(std::move(value));
    }
    /// Precondition: not empty.
    void pop_back() noexcept { data_[--size_].~T(); }
    /// The elements from `n` on go.
    void truncate(std::size_t n) noexcept {
        while (size_ > n) {
            pop_back();
        }
    }
    void clear() noexcept { truncate(0); }
    /// New elements have the value.
    void resize(std::size_t n, T value = T{}) {
        static_assert(std::is_trivially_copyable_v<T>);
        reserve(n);
        while (size_ < n) {
            ::new (static_cast<void*>(data_ + size_++)) T(value);
        }
        size_ = n;
    }
    /// Precondition: i <= size().
    void insert(std::size_t i, T value) {
        push_back(std::move(value));
        for (std::size_t last = size_ - 1; last != i; --last) {
            std::swap(data_[last], data_[last - 1]);
        }
    }
    /// Precondition: i < size().
    void erase(std::size_t i) noexcept {
        for (; i + 1 != size_; ++i) {
            data_[i] = std::move(data_[i + 1]);
        }
        pop_back();
    }
    void swap(list& other) noexcept {
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
        std::swap(capacity_, other.capacity_);
    }

private:
    /// Precondition: room >= size().
    void move_to(std::size_t room) {
        static_assert(std::is_nothrow_move_constructible_v<T>);
        static_assert(alignof(T) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);
        if constexpr (std::is_trivially_copyable_v<T>) {
            data_ = static_cast<T*>(moved_bytes(data_, size_ * sizeof(T), room * sizeof(T)));
        } else {
            T* const made = static_cast<T*>(::operator new(room * sizeof(T)));
            for (std::size_t i = 0; i != size_; ++i) {
                ::new (static_cast<void*>(made + i)) T(std::move(data_[i]));
                data_[i].~T();
            }
            ::operator delete(data_);
            data_ = made;
        }
        capacity_ = room;
    }

    T* data_ = nullptr;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

}  // namespace backends::detail
