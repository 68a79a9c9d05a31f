// SPDX-License-Identifier: BSL-1.0
//
// Source: the last collected value of every dimension, with the time of its own collection. No
// algorithm, multiplier or divisor; an integer stays an integer.
#pragma once

#include <backends/source/source.hpp>

#include <array>
#include <bit>
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
    static read_result read(const Chart& chart, cursor& at, unix_seconds /*before*/,
                            Emit&& emit) noexcept {
        // What is collected while this runs belongs to the next reading, together with the rest of
        // its row.
        const slot_range fresh = chart.unread(at.next);
        if (fresh.empty()) {
            return {};
        }
        read_result result;
        for (std::size_t first = 0; first < chart.width(); first += most) {
            const std::size_t left = chart.width() - first;
            const std::size_t n = left < most ? left : most;
            result.samples += read_block(chart, fresh, first, n, emit);
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

    /// Emits dimensions that were collected together, as they are as a rule, at once.
    template <class Chart, class Emit>
    static std::uint64_t read_block(const Chart& chart, slot_range fresh, std::size_t first,
                                    std::size_t n, Emit& emit) noexcept {
        switch (chart.kind()) {
            case value_kind::integer: return read_as<std::int64_t>(chart, fresh, first, n, emit);
            case value_kind::unsigned_integer:
                return read_as<std::uint64_t>(chart, fresh, first, n, emit);
            case value_kind::floating: break;
        }
        return read_as<double>(chart, fresh, first, n, emit);
    }

    template <class Value, class Chart, class Emit>
    static std::uint64_t read_as(const Chart& chart, slot_range fresh, std::size_t first,
                                 std::size_t n, Emit& emit) noexcept {
        std::array<std::uint64_t, most> bits;
        const auto at = chart.collected_together(first, n, kind_of<Value>, bits.data());
        if (!at) [[unlikely]] {
            return read_one_by_one(chart, fresh, first, n, emit);
        }
        if (!is_within(fresh, chart.slot_of(*at))) {
            return 0;
        }
        value_block<Value, most> block;
        for (std::size_t i = 0; i < n; ++i) {
            block.values[i] = std::bit_cast<Value>(bits[i]);
        }
        block.first = first;
        block.present = (std::uint32_t{1} << n) - 1;
        block.end_at(n);
        emit_block(emit, *at, block);
        return n;
    }

    template <class Chart, class Emit>
    [[gnu::noinline]] static std::uint64_t read_one_by_one(const Chart& chart, slot_range fresh,
                                                           std::size_t first, std::size_t n,
                                                           Emit& emit) noexcept {
        std::uint64_t samples = 0;
        for (std::size_t i = first; i < first + n; ++i) {
            const collected_value last = chart.collected(i);
            if (last.present && is_within(fresh, chart.slot_of(last.at))) {
                last.visit([&](auto value) noexcept { emit(i, std::size_t{0}, last.at, value); });
                ++samples;
            }
        }
        return samples;
    }
};

static_assert(data_source<as_collected>);

}  // namespace backends
