// SPDX-License-Identifier: BSL-1.0
//
// Source: the last collected value of every dimension, with the time of its own collection. No
// algorithm, multiplier or divisor; an integer stays an integer.
#pragma once

#include <backends/source/source.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace backends {

/// A dimension is emitted when it was collected after the last reading.
struct as_collected {
    static constexpr std::string_view name = "as collected";
    static constexpr std::size_t variants = 1;
    static constexpr std::string_view variant_name(std::size_t /*i*/) noexcept { return ""; }

    /// What was exported of a chart.
    struct cursor {
        slot_number next = INT64_MIN;  ///< the first slot whose collections no line has had
    };

    /// Emits what was collected since the last reading. The lines have the times of collection, not
    /// `before`.
    template <class Chart, class Emit>
    static read_result read(const Chart& chart, cursor& at, unix_seconds /*before*/, Emit&& emit) noexcept {
        // What is collected while this runs belongs to the next reading, together with the rest of
        // its row.
        const slot_range fresh = chart.unread(at.next);
        if (fresh.empty()) {
            return {};
        }
        read_result result;
        for (std::size_t i = 0; i < chart.width(); ++i) {
            const collected_value last = chart.collected(i);
            if (!last.present) {
                continue;
            }
            const slot_number slot = chart.slot_of(last.at);
            if (slot >= at.next && slot < fresh.end) {
                last.visit([&](auto value) noexcept { emit(i, std::size_t{0}, last.at, value); });
                ++result.samples;
            }
        }
        at.next = fresh.end;
        return result;
    }

    /// Emits whatever was collected last, in or out of the window.
    template <class Chart, class Emit>
    static read_result read_window(const Chart& chart, unix_seconds /*after*/, unix_seconds before,
                                   Emit&& emit) noexcept {
        cursor fresh;
        return read(chart, fresh, before, emit);
    }
};

static_assert(data_source<as_collected>);

}  // namespace backends
