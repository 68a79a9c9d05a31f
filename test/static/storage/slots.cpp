// SPDX-License-Identifier: BSL-1.0
#include <backends/storage/slots.hpp>

#include <cstdint>

using namespace backends;

namespace {
constexpr slot_stretch from_1003{100, 1003};
constexpr slot_stretch before_1970{0, -7};
}  // namespace

static_assert(slot_stretch{0, 1000}.nearest(1000, seconds{1}) == 0);
static_assert(from_1003.nearest(1003, seconds{10}) == 100);
static_assert(from_1003.time_of(100, seconds{10}) == 1003);
static_assert(before_1970.nearest(-17, seconds{10}) == -1);
static_assert(before_1970.time_of(-1, seconds{10}) == -17);
static_assert(from_1003.after(1002, seconds{10}) == 100);
static_assert(from_1003.after(1003, seconds{10}) == 101);
