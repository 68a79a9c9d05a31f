// SPDX-License-Identifier: BSL-1.0
//
// How often operator new was called in this program, by any thread, and what it has given and not
// got back. Needs allocation_count.cpp in the program; it is apart so that no compiler pairs its
// malloc and free with a new it has inlined.
#pragma once

#include <cstdint>

namespace test {

std::uint64_t allocation_count() noexcept;

/// With what the allocator needs for itself.
std::uint64_t bytes_allocated() noexcept;

}  // namespace test
