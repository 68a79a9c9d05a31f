// SPDX-License-Identifier: BSL-1.0
//
// Instruments: the greatest and the least of all values that any thread recorded in a slot.
#pragma once

#include <backends/instrument/counting_cells.hpp>
#include <backends/instrument/instrument.hpp>
#include <backends/isa.hpp>

#include <bit>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace backends::inline BACKENDS_ISA {

namespace detail {

/// Numbers as keys whose order is theirs, and two keys that no number has, one at either end. The
/// number that would have had one is kept as its neighbour: of integers the least there is, of
/// unsigned ones the greatest. A NaN goes to the end that `Greatest` names, so that it shows.
template <class T, bool Greatest>
struct ordered_key {
    static constexpr std::int64_t lowest = (std::numeric_limits<std::int64_t>::min)();
    static constexpr std::int64_t highest = (std::numeric_limits<std::int64_t>::max)();
    static constexpr std::int64_t none = Greatest ? lowest : highest;
    static constexpr auto sign = std::uint64_t{1} << 63U;

    static constexpr std::int64_t of(T value) noexcept {
        if constexpr (std::is_floating_point_v<T>) {
            if (value != value) {
                return Greatest ? highest - 1 : lowest + 1;
            }
            return flipped(std::bit_cast<std::int64_t>(static_cast<double>(value)));
        } else if constexpr (std::is_signed_v<T> || sizeof(T) < 8) {
            const auto key = static_cast<std::int64_t>(value);
            return key == none ? none + (Greatest ? 1 : -1) : key;
        } else if constexpr (Greatest) {
            return value == (std::numeric_limits<T>::max)()
                       ? highest
                       : static_cast<std::int64_t>((value + 1) ^ sign);
        } else {
            return value == (std::numeric_limits<T>::max)()
                       ? highest - 1
                       : static_cast<std::int64_t>(value ^ sign);
        }
    }
    static constexpr T value(std::int64_t key) noexcept {
        if constexpr (std::is_floating_point_v<T>) {
            return static_cast<T>(std::bit_cast<double>(flipped(key)));
        } else if constexpr (std::is_signed_v<T> || sizeof(T) < 8) {
            return static_cast<T>(key);
        } else {
            return static_cast<T>((static_cast<std::uint64_t>(key) ^ sign) - (Greatest ? 1 : 0));
        }
    }

private:
    static constexpr std::int64_t flipped(std::int64_t bits) noexcept {
        return bits < 0 ? bits ^ highest : bits;
    }
};

template <class T, bool Greatest>
class alignas(cache_line) extreme {
    static_assert(std::is_arithmetic_v<T> && sizeof(T) <= 8,
                  "backends: peak and least are of a built-in number of up to 64 bits");
    using key = ordered_key<T, Greatest>;

public:
    static constexpr bool is_monotonic = false;

    extreme() noexcept = default;
    extreme(const extreme&) = delete;
    extreme& operator=(const extreme&) = delete;
    ~extreme() = default;

    /// Any thread. A load where the slot has such a value already, an atomic exchange otherwise.
    void record(T value) noexcept { put(key::of(value)); }

    /// The extreme of this slot so far. Any thread.
    [[nodiscard]] sampled<T> value() const noexcept {
        return of(__atomic_load_n(&key_, __ATOMIC_RELAXED));
    }

    /// For the sampler: that of the slot, which ends with it.
    [[nodiscard]] sampled<T> sample() noexcept {
        return of(__atomic_exchange_n(&key_, key::none, __ATOMIC_ACQ_REL));
    }
    void take_back(const sampled<T>& not_stored) noexcept {
        if (not_stored.exists) {
            record(not_stored.value);
        }
    }

private:
    static constexpr sampled<T> of(std::int64_t k) noexcept {
        return k == key::none ? sampled<T>{} : sampled<T>{key::value(k), true};
    }
    static constexpr bool is_beyond(std::int64_t a, std::int64_t b) noexcept {
        return Greatest ? a > b : a < b;
    }
    void put(std::int64_t k) noexcept {
        std::int64_t now = __atomic_load_n(&key_, __ATOMIC_RELAXED);
        while (is_beyond(k, now) && !__atomic_compare_exchange_n(
                                        &key_, &now, k, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
        }
    }

    std::int64_t key_ = key::none;
};

}  // namespace detail

/// The greatest value of each slot; a slot without one is a gap. A value whose record() happens
/// before the sampling is in that slot's sample, one that happens after is in the next, and one
/// beside it is in one of the two. 64 bytes. A NaN makes its slot a gap that the chart counts.
///
/// @tparam T  a built-in number of up to 64 bits; of the 64-bit ones the least signed value and the
///            greatest unsigned one are kept as their neighbours
template <class T = double>
class peak : public detail::extreme<T, true> {};

/// The same of the least value; of the 64-bit integers the greatest is kept as its neighbour.
template <class T = double>
class least : public detail::extreme<T, false> {};

}  // namespace backends
