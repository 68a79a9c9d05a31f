// SPDX-License-Identifier: BSL-1.0
//
// Memory for Asio's operations, so that a wait for a socket or a timer allocates nothing: a few
// blocks inside the transport, handed out through the operation's associated allocator.
#pragma once

#include <backends/isa.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <new>

namespace backends::inline BACKENDS_ISA::detail {

/// A few equal blocks. operator new serves requests that find no room in them: right after a close,
/// the cancelled operations still hold their blocks.
///
/// Thread-safe: on a strand of several threads, Asio frees an operation's memory on the thread that
/// saw it complete, before it enters the strand.
class operation_memory {
public:
    operation_memory() = default;
    operation_memory(const operation_memory&) = delete;
    operation_memory& operator=(const operation_memory&) = delete;

    void* allocate(std::size_t bytes) {
        if (bytes <= sizeof(block)) {
            for (block& b : blocks_) {
                if (!b.used.load(std::memory_order_relaxed) &&
                    !b.used.exchange(true, std::memory_order_acquire)) {
                    return b.bytes.data();
                }
            }
        }
        return ::operator new(bytes);
    }

    void deallocate(void* p) noexcept {
        for (block& b : blocks_) {
            if (p == b.bytes.data()) {
                b.used.store(false, std::memory_order_release);
                return;
            }
        }
        ::operator delete(p);
    }

private:
    struct block {
        alignas(std::max_align_t) std::array<std::byte, 256> bytes;
        std::atomic<bool> used{false};
    };
    std::array<block, 8> blocks_{};
};

/// The standard allocator interface over it. When Asio cannot begin an operation, it frees the
/// memory with the allocator of a moved-from handler: a handler must keep its memory pointer in a
/// member that a move leaves unchanged.
template <class T>
class operation_allocator {
public:
    using value_type = T;

    explicit operation_allocator(operation_memory& memory) noexcept : memory_{&memory} {}
    template <class U>
    operation_allocator(
        const operation_allocator<U>& other) noexcept  // NOLINT(google-explicit-constructor)
        : memory_{other.memory_} {}

    T* allocate(std::size_t n) { return static_cast<T*>(memory_->allocate(n * sizeof(T))); }
    void deallocate(T* p, std::size_t) noexcept { memory_->deallocate(p); }

    template <class U>
    friend bool operator==(const operation_allocator& a, const operation_allocator<U>& b) noexcept {
        return a.memory_ == b.memory_;
    }

private:
    template <class U>
    friend class operation_allocator;

    operation_memory* memory_;
};

}  // namespace backends::detail
