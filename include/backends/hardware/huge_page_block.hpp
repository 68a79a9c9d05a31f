// SPDX-License-Identifier: BSL-1.0
//
// A block of memory, in huge pages when it is large: a walk over many rows needs a TLB entry per
// page, and a 2 MiB page replaces 512 small ones.
#pragma once

#include <backends/core/inline.hpp>
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

/// Bytes of a huge page, on x86-64 and on AArch64 with small pages of 4 KiB.
inline constexpr std::size_t huge_page = std::size_t{2} << 20;

/// Uninitialized room for `T`s. From 2 MiB on the block is aligned to huge pages and requests them;
/// the system falls back to small pages. Untouched pages use addresses but no memory.
template <class T>
class huge_page_block {
    static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= alignof(std::max_align_t),
                  "the block constructs no T and has the alignment of operator new");

public:
    /// The maximum number of `T`s in a block.
    static constexpr std::size_t most = PTRDIFF_MAX / sizeof(T);

    /// Precondition: n > 0. Throws std::bad_alloc.
    explicit huge_page_block(std::size_t n) : bytes_{n * sizeof(T)} {
        if (n > most) {
            detail::raise(std::bad_array_new_length{});
        }
        data_ = static_cast<T*>(bytes_ < huge_page
                                    ? ::operator new(bytes_)
                                    : ::operator new(bytes_, std::align_val_t{huge_page}));
#if defined(MADV_HUGEPAGE)
        if (bytes_ >= huge_page) {
            static_cast<void>(::madvise(data_, bytes_, MADV_HUGEPAGE));  // a hint, it may fail
        }
#endif
    }
    huge_page_block(huge_page_block&& other) noexcept : data_{other.data_}, bytes_{other.bytes_} {
        other.data_ = nullptr;
    }
    huge_page_block& operator=(huge_page_block&&) = delete;
    BACKENDS_INLINE ~huge_page_block() {
        if (bytes_ < huge_page) {
            ::operator delete(data_);
        } else {
            ::operator delete(data_, std::align_val_t{huge_page});
        }
    }

    [[nodiscard]] T* data() const noexcept { return data_; }

private:
    T* data_;
    std::size_t bytes_;
};

}  // namespace backends::detail
