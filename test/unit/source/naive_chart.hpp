// SPDX-License-Identifier: BSL-1.0
//
// What a chart keeps, without a ring, for tests to compare with.
#pragma once

#include <backends/core/time.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

/// Everything that was ever stored, slot by slot.
template <class Cell>
struct naive_chart {
    using words = std::vector<typename Cell::word>;
    struct slot {
        backends::unix_seconds at;
        int settings;  // of the clock, so far
        words row;
    };
    std::size_t capacity;
    std::int64_t every;
    std::vector<slot> slots{};

    void add(backends::unix_seconds at, words row) {
        int settings = slots.empty() ? 0 : slots.back().settings;
        if (!slots.empty()) {
            const backends::unix_seconds due = slots.back().at + every;
            const auto max_gaps = static_cast<std::int64_t>(capacity / 2) * every;
            if (at < due || at - due > max_gaps) {
                ++settings;
            } else {
                for (backends::unix_seconds gap = due; gap < at; gap += every) {
                    slots.push_back({gap, settings, words(row.size(), Cell::gap)});
                }
            }
        }
        slots.push_back({at, settings, std::move(row)});
    }
    /// The existing words of a window, newest first, one slot after the other.
    [[nodiscard]] words window(std::size_t column, backends::unix_seconds after,
                               backends::unix_seconds before) const {
        words found;
        const std::size_t kept = slots.size() < capacity ? slots.size() : capacity;
        for (auto one = slots.rbegin(); one != slots.rbegin() + static_cast<long>(kept); ++one) {
            const bool is_known = slots.back().settings - one->settings < 4;
            if (is_known && one->at > after && one->at <= before &&
                Cell::exists(one->row[column])) {
                found.push_back(one->row[column]);
            }
        }
        return found;
    }
};
