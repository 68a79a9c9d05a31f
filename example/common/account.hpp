// SPDX-License-Identifier: BSL-1.0
//
// The exporter's account, as text: where every line is that was ever accepted.
#pragma once

#include <backends/core/counters.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace program {

/// 1234567 as "1,234,567".
inline std::string grouped(std::uint64_t n) {
    std::string out = std::to_string(n);
    for (std::size_t i = out.size(); i > 3; i -= 3) {
        out.insert(i - 3, 1, ',');
    }
    return out;
}

/// "accepted 12 = confirmed 10 + in flight 0 + queued 2 + dropped 0", of lines or of bytes.
inline std::string account_of(const backends::delivery_counters& c,
                              std::uint64_t backends::amount::* unit) {
    return "accepted " + grouped(c.accepted.*unit) + " = confirmed " + grouped(c.confirmed.*unit) +
           " + in flight " + grouped(c.in_flight.*unit) + " + queued " + grouped(c.queued.*unit) +
           " + dropped " + grouped(c.lost().*unit);
}

/// The account in lines and in bytes, and the reasons if anything was dropped.
inline std::vector<std::string> account(const backends::delivery_counters& c) {
    std::vector<std::string> out{"lines: " + account_of(c, &backends::amount::lines),
                                 "bytes: " + account_of(c, &backends::amount::bytes)};
    std::string reasons;
    for (std::size_t i = 0; i < backends::drop_reasons; ++i) {
        if (c.dropped[i].lines != 0) {
            reasons += reasons.empty() ? "dropped lines: " : ", ";
            reasons += to_string(static_cast<backends::drop_reason>(i));
            reasons += " " + grouped(c.dropped[i].lines);
        }
    }
    if (!reasons.empty()) {
        out.push_back(reasons);
    }
    return out;
}

/// What a spool did, if it did anything.
inline std::vector<std::string> spool_account(const backends::spool_counters& c) {
    std::vector<std::string> out;
    if (c.restored.lines != 0 || c.damaged_records != 0) {
        out.push_back("from the spool: " + grouped(c.restored.lines) + " lines, " +
                      grouped(c.damaged_records) + " damaged records left out");
    }
    if (c.spooled.lines != 0) {
        out.push_back("kept in the spool: " + grouped(c.spooled.lines) + " lines");
    }
    if (c.spool_failures != 0) {
        out.push_back("the spool failed " + grouped(c.spool_failures) + " times");
    }
    return out;
}

}  // namespace program
