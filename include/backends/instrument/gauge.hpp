// SPDX-License-Identifier: BSL-1.0
//
// Instrument: the last value that any thread set.
#pragma once

#include <backends/instrument/counting_cells.hpp>
#include <backends/instrument/instrument.hpp>

#include <type_traits>

namespace backends::inline BACKENDS_ISA {

/// As a dimension of a chart its sample is the value that it has when the slot is taken, and a gap
/// as long as none was ever set. 64 bytes: threads that set it disturb no other instrument.
///
/// @tparam T  a built-in number of up to 64 bits
template <class T = double>
class alignas(detail::cache_line) gauge {
    static_assert(std::is_arithmetic_v<T> && sizeof(T) <= 8,
                  "backends: a gauge is of a built-in number of up to 64 bits");

public:
    static constexpr bool is_monotonic = false;

    gauge() noexcept = default;
    gauge(const gauge&) = delete;
    gauge& operator=(const gauge&) = delete;
    ~gauge() = default;

    /// Any thread. Two plain stores at most.
    void set(T value) noexcept {
        __atomic_store(&value_, &value, __ATOMIC_RELAXED);
        if (!__atomic_load_n(&is_set_, __ATOMIC_RELAXED)) [[unlikely]] {
            __atomic_store_n(&is_set_, true, __ATOMIC_RELEASE);
        }
    }

    /// The newest value. Any thread.
    [[nodiscard]] sampled<T> value() const noexcept {
        sampled<T> now;
        now.exists = __atomic_load_n(&is_set_, __ATOMIC_ACQUIRE);
        if (now.exists) {
            __atomic_load(&value_, &now.value, __ATOMIC_RELAXED);
        }
        return now;
    }

    /// For the sampler.
    [[nodiscard]] sampled<T> sample() const noexcept { return value(); }

private:
    T value_ = {};
    bool is_set_ = false;
};

}  // namespace backends
