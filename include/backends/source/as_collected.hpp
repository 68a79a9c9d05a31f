// SPDX-License-Identifier: BSL-1.0
//
// Source: the last collected value of every dimension, with its own collection time. Applies no
// algorithm, multiplier or divisor; an integer stays an integer.
#pragma once

#include <backends/core/quantity.hpp>
#include <backends/source/data_source.hpp>
#include <backends/storage/chart_options.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace backends::inline BACKENDS_ISA {

/// Emits the dimensions that were collected after the last read.
struct as_collected {
    static constexpr std::string_view name = "as collected";
    static constexpr std::size_t variants = 1;
    static constexpr std::string_view variant_name(std::size_t /*i*/) noexcept { return ""; }

    /// What the values of a dimension say: those of a counter are totals.
    template <class Chart>
    static quantity quantity_in(const Chart& from, std::size_t dimension) noexcept {
        switch (from.dimension(dimension).algorithm) {
            case incremental:
            case percentage_of_incremental_row:
            case difference: return quantity::total;
            case absolute:
            case percentage_of_absolute_row: break;
        }
        return quantity::level;
    }

    /// What was exported of a chart.
    struct cursor {
        slot_number next = INT64_MIN;  ///< the first slot of which no line has collected values

        bool operator==(const cursor&) const = default;
    };

    /// Emits the values collected since the last read, stamped with their collection times, not
    /// with `before`.
    template <class Chart, class Emit>
    static read_result read(const Chart& from, cursor& at, unix_seconds /*before*/,
                            Emit&& sink) noexcept {
        // A row collected during this call belongs to the next read, whole. An old value counts
        // even if its slot is gone.
        const slot_range fresh{at.next, from.recorded().kept.end};
        if (fresh.empty()) {
            return {};
        }
        read_result result;
        for (std::size_t first = 0; first < from.width();) {
            const auto read_as = [&]<class Value>(Value) noexcept {
                first += read_run<Value>(from, first, fresh, result.samples, sink);
            };
            switch (from.collected_kind(first)) {
                case value_kind::integer: read_as(std::int64_t{}); break;
                case value_kind::unsigned_integer: read_as(std::uint64_t{}); break;
                case value_kind::floating: read_as(double{}); break;
            }
        }
        at.next = fresh.end;
        return result;
    }

    /// Hints that prefetch_samples() and then read() follow.
    template <class Chart>
    static void prefetch_chart(const Chart& from) noexcept {
        from.prefetch_chart();
    }
    /// See prefetching_source.
    template <class Chart>
    static void prefetch_samples(const Chart& from, const cursor& /*at*/,
                                 std::size_t /*charts*/) noexcept {
        from.prefetch_collected();
    }

    /// Emits the last collected values, in or out of the window.
    template <class Chart, class Emit>
    static read_result read_window(const Chart& from, unix_seconds /*after*/, unix_seconds before,
                                   Emit&& sink) noexcept {
        cursor fresh;
        return read(from, fresh, before, sink);
    }

private:
    static constexpr std::size_t most = 12;

    static constexpr bool is_within(slot_range range, slot_number slot) noexcept {
        return slot >= range.first && slot < range.end;
    }

    /// Emits the dimensions collected together with dimension `first`, if they are new. Returns
    /// their number.
    template <class Value, class Chart, class Emit>
    static std::size_t read_run(const Chart& from, std::size_t first, slot_range fresh,
                                std::uint64_t& samples, Emit& sink) noexcept {
        value_block<Value, most> block;
        const collected_run run = from.collected_together(first, most, block.values.data());
        if (run.present() && is_within(fresh, run.slot)) {
            block.first = first;
            block.end_at(run.size);
            emit_block(sink, run.at, block);
            samples += run.size;
        }
        return run.size;
    }
};

static_assert(data_source<as_collected>);

}  // namespace backends
