// SPDX-License-Identifier: BSL-1.0
#include <backends/core/extremes.hpp>

namespace {

using backends::detail::clamped;
using backends::detail::larger;
using backends::detail::smaller;

static_assert(smaller(1, 2) == 1 && smaller(2, 1) == 1);
static_assert(larger(1, 2) == 2 && larger(2, 1) == 2);
static_assert(smaller(3, 1, 2) == 1 && smaller(1, 3, 2) == 1 && smaller(2, 3, 1) == 1);
static_assert(larger(3, 1, 2) == 3 && larger(1, 3, 2) == 3 && larger(2, 1, 3) == 3);
static_assert(clamped(0, 1, 3) == 1 && clamped(2, 1, 3) == 2 && clamped(4, 1, 3) == 3);

// Of equal ones the first, as in the standard library.
constexpr int one = 1;
constexpr int other = 1;
static_assert(&smaller(one, other) == &one && &larger(one, other) == &one);
static_assert(&clamped(one, other, other) == &one);

}  // namespace
