// SPDX-License-Identifier: BSL-1.0
//
// Source: stored samples, reduced over the window since the last read. A cursor per chart counts
// the window in slots, so every sample enters exactly one line even if the clock jumps.
#pragma once

#include <backends/core/inline.hpp>
#include <backends/core/quantity.hpp>
#include <backends/source/columns.hpp>
#include <backends/source/data_source.hpp>
#include <backends/source/is_fused.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace backends::inline BACKENDS_ISA {

/// The data source of a reduction or of a fused pack. Stamps lines with `before`.
template <class Reduction>
struct stored {
    static_assert(reduction<Reduction> || detail::is_fused<Reduction>,
                  "backends: a reduction needs name, state, add(state, value) noexcept and "
                  "result(state, count) noexcept that gives a line_value");

    static constexpr std::size_t variants = [] {
        if constexpr (detail::is_fused<Reduction>) {
            return Reduction::names.size();
        } else {
            return std::size_t{1};
        }
    }();
    static constexpr std::string_view name = Reduction::name;

    /// The reduction's name in a fused pack, else "". Precondition: i < variants.
    static constexpr std::string_view variant_name([[maybe_unused]] std::size_t i) noexcept {
        if constexpr (detail::is_fused<Reduction>) {
            return Reduction::names[i];
        } else {
            return {};
        }
    }

    /// What the lines of a variant say. Precondition: i < variants.
    static constexpr quantity quantity_of([[maybe_unused]] std::size_t i) noexcept {
        if constexpr (detail::is_fused<Reduction>) {
            return Reduction::quantities[i];
        } else {
            return detail::quantity_given<Reduction>();
        }
    }

    /// What was exported of a chart.
    struct cursor {
        slot_number next = INT64_MIN;  ///< the first slot that no line covers
        std::uint64_t samples = 0;     ///< recorded before that slot: exported or overwritten

        bool operator==(const cursor&) const = default;
    };

    /// Emits the reduction of all unread samples. `before` is only their stamp, so setting the
    /// clock delays no sample. Cost: one pass over them.
    template <class Chart, class Emit>
    BACKENDS_INLINE static read_result read(const Chart& from, cursor& at, unix_seconds before,
                                            Emit&& sink) noexcept {
        // Samples recorded from here on belong to the next read and its account. These two are not
        // const: g++ 12 keeps const structs in memory, others in registers.
        recorded_samples recorded = from.recorded();
        slot_range range = recorded.kept.within({at.next, INT64_MAX});
        std::uint64_t samples = 0;
        if (!range.empty()) {
            samples = reduce(from, range, before, sink);
            at.next = range.end;
            at.samples += samples;
        }
        return {samples, recorded.is_consistent ? newly_lost(at, recorded.samples) : 0};
    }

    /// Hints that prefetch_samples() and then read() follow, for `charts` charts in a row.
    template <class Chart>
    static void prefetch_chart(const Chart& from) noexcept {
        from.prefetch_ring();
    }
    /// See prefetching_source.
    template <class Chart>
    static void prefetch_samples(const Chart& from, const cursor& at, std::size_t charts) noexcept {
        from.prefetch_rows(at.next, charts);
    }

    /// Emits the reduction of the kept samples with after < time <= before.
    template <class Chart, class Emit>
    static read_result read_window(const Chart& from, unix_seconds after, unix_seconds before,
                                   Emit&& sink) noexcept {
        return {reduce(from, from.window(after, before), before, sink), 0};
    }

private:
    template <class Chart, class Slots, class Emit>
    BACKENDS_INLINE static std::uint64_t reduce(const Chart& from, const Slots& range,
                                                unix_seconds before, Emit& sink) noexcept {
        if constexpr (detail::is_fused<Reduction>) {
            return detail::reduce_columns<Reduction>(
                from, range, [&](std::size_t dimension, const auto& column) noexcept {
                    Reduction::results(column.state, column.samples, from.update_every(),
                                       [&](std::size_t variant, auto value) noexcept {
                                           sink(dimension, variant, before, value);
                                       });
                });
        } else {
            return detail::reduce_blocks<detail::folded_values, Reduction>(
                from, range,
                [&](std::size_t, auto& out, std::size_t n) BACKENDS_INLINE {
                    out.block.fill_behind(n);
                    emit_block(sink, before, out.block);
                },
                detail::widths_for<Reduction, Chart>{});
        }
    }

    /// Every recorded sample is exported or lost. A read that met the recorder inside a row cannot
    /// tell yet; a later one will.
    static std::uint64_t newly_lost(cursor& at, std::uint64_t recorded) noexcept {
        return recorded - std::exchange(at.samples, recorded);
    }
};

}  // namespace backends
