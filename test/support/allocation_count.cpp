// SPDX-License-Identifier: BSL-1.0
#include "support/allocation_count.hpp"

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

#include <malloc.h>

namespace {
std::atomic<std::uint64_t> allocations{0};
std::atomic<std::uint64_t> bytes_in_use{0};

/// What the allocator keeps beside each piece of memory.
constexpr std::size_t overhead = sizeof(std::size_t);

void* noted(void* p) noexcept {
    if (p != nullptr) {
        ++allocations;
        bytes_in_use += malloc_usable_size(p) + overhead;
    }
    return p;
}
void release(void* p) noexcept {
    if (p != nullptr) {
        bytes_in_use -= malloc_usable_size(p) + overhead;
        std::free(p);
    }
}

void* tried(std::size_t bytes, std::size_t alignment) noexcept {
    return noted(
        alignment > alignof(std::max_align_t)
            ? std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment)
            : std::malloc(bytes));
}
void* counted(std::size_t bytes, std::size_t alignment) {
    void* const p = tried(bytes, alignment);
    if (p == nullptr) {
        throw std::bad_alloc{};
    }
    return p;
}

}  // namespace

std::uint64_t test::allocation_count() noexcept { return allocations; }
std::uint64_t test::bytes_allocated() noexcept { return bytes_in_use; }

void* operator new(std::size_t n) { return counted(n, 0); }
void* operator new[](std::size_t n) { return counted(n, 0); }
void* operator new(std::size_t n, std::align_val_t a) {
    return counted(n, static_cast<std::size_t>(a));
}
void* operator new[](std::size_t n, std::align_val_t a) {
    return counted(n, static_cast<std::size_t>(a));
}
// Each form of new whose memory a delete below may get: the address sanitizer has its own of the
// rest.
void* operator new(std::size_t n, const std::nothrow_t&) noexcept { return tried(n, 0); }
void* operator new[](std::size_t n, const std::nothrow_t&) noexcept { return tried(n, 0); }
void* operator new(std::size_t n, std::align_val_t a, const std::nothrow_t&) noexcept {
    return tried(n, static_cast<std::size_t>(a));
}
void* operator new[](std::size_t n, std::align_val_t a, const std::nothrow_t&) noexcept {
    return tried(n, static_cast<std::size_t>(a));
}
void operator delete(void* p) noexcept { release(p); }
void operator delete[](void* p) noexcept { release(p); }
void operator delete(void* p, std::size_t) noexcept { release(p); }
void operator delete[](void* p, std::size_t) noexcept { release(p); }
void operator delete(void* p, std::align_val_t) noexcept { release(p); }
void operator delete[](void* p, std::align_val_t) noexcept { release(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { release(p); }
void operator delete[](void* p, std::size_t, std::align_val_t) noexcept { release(p); }
