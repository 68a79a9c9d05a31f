// SPDX-License-Identifier: BSL-1.0
//
// A seqlock: one writer publishes a plain struct, any number of readers copy it consistently. It
// uses atomic words, acquire and release, but no fences: ThreadSanitizer does not see those. On
// x86-64 these loads and stores are plain instructions.
#pragma once

#include <backends/isa.hpp>

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace backends::inline BACKENDS_ISA {

/// @tparam T  a trivially copyable struct of 64-bit words
///
/// store(): wait-free, one thread. load(): any thread; repeats while a store is under way.
template <class T>
    requires(std::is_trivially_copyable_v<T> && sizeof(T) % sizeof(std::uint64_t) == 0)
class seqlock {
public:
    /// One thread at a time; waits for nobody.
    void store(const T& value) noexcept {
        const auto copy = std::bit_cast<words>(value);
        const std::uint64_t turn = published_.load(std::memory_order_relaxed) + 1;
        begun_.store(turn, std::memory_order_relaxed);
        for (std::size_t i = 0; i < copy.size(); ++i) {
            words_[i].store(copy[i], std::memory_order_release);  // visible only after begun_
        }
        published_.store(turn, std::memory_order_release);
    }

    /// Any thread; repeats while store() runs.
    [[nodiscard]] T load() const noexcept {
        words copy;
        std::uint64_t turn = 0;
        do {
            turn = published_.load(std::memory_order_acquire);
            for (std::size_t i = 0; i < copy.size(); ++i) {
                copy[i] = words_[i].load(std::memory_order_acquire);
            }
        } while (begun_.load(std::memory_order_relaxed) != turn);
        return std::bit_cast<T>(copy);
    }

private:
    using words = std::array<std::uint64_t, sizeof(T) / sizeof(std::uint64_t)>;

    std::array<std::atomic<std::uint64_t>, sizeof(T) / sizeof(std::uint64_t)> words_{};
    std::atomic<std::uint64_t> begun_{0};
    std::atomic<std::uint64_t> published_{0};
};

}  // namespace backends
