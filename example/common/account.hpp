// SPDX-License-Identifier: BSL-1.0
//
// The exporter's account, as text: where every line is that was ever accepted.
#pragma once

#include <backends/core/counters.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace program {

/// 1234567 as "1,234,567".
inline std::string grouped(std::uint64_t n) {
    std::string out = std::to_string(n);
    for (std::size_t i = out.size(); i > 3; i -= 3) {
        out.insert(i - 3, ",");
    }
    return out;
}

/// "accepted 12 = confirmed 10 + in flight 0 + queued 2 + dropped 0", of lines or of bytes, and the
/// reasons of what was dropped.
inline std::string account_line(const backends::delivery_counters& c,
                                std::uint64_t backends::amount::* unit) {
    std::string out = "accepted " + grouped(c.accepted.*unit) + " = confirmed " +
                      grouped(c.confirmed.*unit) + " + in flight " + grouped(c.in_flight.*unit) +
                      " + queued " + grouped(c.queued.*unit) + " + dropped " +
                      grouped(c.lost().*unit);
    const char* before = " (";
    for (std::size_t i = 0; i < backends::drop_reasons; ++i) {
        if (c.dropped[i].*unit != 0) {
            out += before;
            out += to_string(static_cast<backends::drop_reason>(i));
            out += " " + grouped(c.dropped[i].*unit);
            before = ", ";
        }
    }
    return c.lost().*unit != 0 ? out + ")" : out;
}

/// Both, one line each.
inline std::array<std::string, 2> account(const backends::delivery_counters& c) {
    return {"lines: " + account_line(c, &backends::amount::lines),
            "bytes: " + account_line(c, &backends::amount::bytes)};
}

}  // namespace program
