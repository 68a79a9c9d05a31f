// SPDX-License-Identifier: BSL-1.0
//
// A reduction like a user's own: a plain state of doubles, one result.
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>

/// The largest sample less the smallest.
struct range {
    static constexpr std::string_view name = "range";

    struct state {
        double low = std::numeric_limits<double>::infinity();
        double high = -std::numeric_limits<double>::infinity();
    };
    static void add(state& seen, double value) noexcept {
        seen.low = value < seen.low ? value : seen.low;
        seen.high = value > seen.high ? value : seen.high;
    }
    static double result(const state& seen, std::uint64_t) noexcept { return seen.high - seen.low; }
};
