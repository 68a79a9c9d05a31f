// SPDX-License-Identifier: BSL-1.0
//
// What a sanitizer changes: its allocator keeps what was freed, and ends the program where there is
// no memory.
#pragma once

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TEST_HAS_ADDRESS_SANITIZER
#endif
#if __has_feature(thread_sanitizer)
#define TEST_HAS_THREAD_SANITIZER
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define TEST_HAS_ADDRESS_SANITIZER
#endif
#if defined(__SANITIZE_THREAD__)
#define TEST_HAS_THREAD_SANITIZER
#endif

/// Whether freed memory is kept, to find who still uses it.
#if defined(TEST_HAS_ADDRESS_SANITIZER) || defined(TEST_HAS_THREAD_SANITIZER)
constexpr bool keeps_freed_memory = true;
#else
constexpr bool keeps_freed_memory = false;
#endif
