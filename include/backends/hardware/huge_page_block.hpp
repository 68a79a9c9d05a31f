// SPDX-License-Identifier: BSL-1.0
//
// A block of memory, in large pages if it is large. What is read in many places at once needs a
// place in the processor's table of pages for each; a page of 2 MiB takes one where small ones take
// 512.
#pragma once

#include <backends/core/raise.hpp>
#include <backends/isa.hpp>

#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace backends::inline BACKENDS_ISA::detail {

/// Bytes of a large page: on x86-64, and on AArch64 with small pages of 4 KiB.
inline constexpr std::size_t large_page = std::size_t{2} << 20;

/// Room for `T`s, which have no value until one is assigned. From a large page's bytes on it is
/// aligned to large pages and asks the system for them; one that hands out none gives small ones. A
/// page that is never touched takes addresses and no memory.
template <class T>
class huge_page_block {
    static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= alignof(std::max_align_t),
                  "nothing is constructed here, nor aligned further");

public:
    /// The most `T`s that any block can have.
    static constexpr std::size_t most = PTRDIFF_MAX / sizeof(T);

    /// Precondition: n > 0. Throws std::bad_alloc.
    explicit huge_page_block(std::size_t n) : bytes_{n * sizeof(T)} {
        if (n > most) {
            detail::raise(std::bad_array_new_length{});
        }
        data_ = static_cast<T*>(bytes_ < large_page
                                    ? ::operator new(bytes_)
                                    : ::operator new(bytes_, std::align_val_t{large_page}));
#if defined(MADV_HUGEPAGE)
        if (bytes_ >= large_page) {
            static_cast<void>(::madvise(data_, bytes_, MADV_HUGEPAGE));  // a hint, it may fail
        }
#endif
    }
    huge_page_block(huge_page_block&& other) noexcept : data_{other.data_}, bytes_{other.bytes_} {
        other.data_ = nullptr;
    }
    huge_page_block& operator=(huge_page_block&&) = delete;
    ~huge_page_block() {
        if (bytes_ < large_page) {
            ::operator delete(data_);
        } else {
            ::operator delete(data_, std::align_val_t{large_page});
        }
    }

    [[nodiscard]] T* data() const noexcept { return data_; }

private:
    T* data_;
    std::size_t bytes_;
};

}  // namespace backends::detail
