// SPDX-License-Identifier: BSL-1.0
#include <backends/storage/slots.hpp>

#include <cstdint>

using namespace backends;

namespace {
constexpr slot_grid grid(std::int64_t every, unix_seconds first) {
    slot_grid g{seconds{every}};
    g.anchor(first);
    return g;
}
}  // namespace

static_assert(grid(1, 1000).nearest(1000) == 1000);
static_assert(grid(10, 1003).nearest(1003) == 100);
static_assert(grid(10, 1003).time_of(100) == 1003);
static_assert(grid(10, -7).nearest(-7) == -1);
static_assert(grid(10, -7).time_of(-1) == -7);
static_assert(grid(10, 1003).after(1002) == 100);
static_assert(grid(10, 1003).after(1003) == 101);
static_assert(!slot_grid::can_hold(INT64_MAX) && !slot_grid::can_hold(INT64_MIN));
