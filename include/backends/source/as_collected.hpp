// SPDX-License-Identifier: BSL-1.0
//
// Source: the last collected value of every dimension, with the time of its own collection. No
// algorithm, multiplier or divisor; an integer stays an integer.
#pragma once

#include <backends/source/source.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
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
    static read_result read(const Chart& chart, cursor& at, unix_seconds /*before*/,
                            Emit&& emit) noexcept {
        // What is collected while this runs belongs to the next reading, together with the rest of
        // its row.
        const slot_range fresh = chart.unread(at.next);
        if (fresh.empty()) {
            return {};
        }
        read_result result;
        for (std::size_t first = 0; first < chart.width();) {
            some_bits bits;
            const collected_run run = chart.collected_together(first, most, bits.data());
            if (run.present && is_within(fresh, chart.slot_of(run.at))) {
                emit_run(run, first, bits, emit);
                result.samples += run.size;
            }
            first += run.size;
        }
        at.next = fresh.end;
        return result;
    }

    /// Hints that fetch_samples() comes soon, and read().
    template <class Chart>
    static void fetch_chart(const Chart& chart) noexcept {
        chart.fetch_chart();
    }
    template <class Chart>
    static void fetch_samples(const Chart& chart, const cursor& /*at*/) noexcept {
        chart.fetch_collected();
    }

    /// Emits whatever was collected last, in or out of the window.
    template <class Chart, class Emit>
    static read_result read_window(const Chart& chart, unix_seconds /*after*/, unix_seconds before,
                                   Emit&& emit) noexcept {
        cursor fresh;
        return read(chart, fresh, before, emit);
    }

private:
    static constexpr std::size_t most = 12;

    static constexpr bool is_within(slot_range range, slot_number slot) noexcept {
        return slot >= range.first && slot < range.end;
    }

    using some_bits = std::array<std::uint64_t, most>;

    template <class Emit>
    static void emit_run(const collected_run& run, std::size_t first, const some_bits& bits,
                         Emit& emit) noexcept {
        switch (run.kind) {
            case value_kind::integer: return emit_as<std::int64_t>(run, first, bits, emit);
            case value_kind::unsigned_integer:
                return emit_as<std::uint64_t>(run, first, bits, emit);
            case value_kind::floating: return emit_as<double>(run, first, bits, emit);
        }
    }

    template <class Value, class Emit>
    static void emit_as(const collected_run& run, std::size_t first, const some_bits& bits,
                        Emit& emit) noexcept {
        value_block<Value, most> block;
        std::memcpy(block.values.data(), bits.data(), sizeof bits);
        block.first = first;
        block.end_at(run.size);
        emit_block(emit, run.at, block);
    }
};

static_assert(data_source<as_collected>);

}  // namespace backends
