// SPDX-License-Identifier: BSL-1.0
//
// Source: how far a chart was exported, by any exporter and any source. An exporter that replaces
// another begins there.
#pragma once

#include <backends/core/member_name.hpp>
#include <backends/core/time.hpp>
#include <backends/source/data_source.hpp>
#include <backends/storage/slots.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>

namespace backends::inline BACKENDS_ISA {

/// Default constructed: nothing was exported.
struct chart_position {
    /// Stands for an unknown number of samples.
    static constexpr std::uint64_t uncounted = UINT64_MAX;

    slot_number next = INT64_MIN;  ///< the first slot that no line covers
    std::uint64_t samples = 0;     ///< recorded before that slot, lost ones included
};

/// A cursor with a member `slot_number next`, which counts slots. A source whose cursor lacks it
/// always starts at a chart's oldest slot.
template <class Cursor>
concept slot_counting_cursor = requires(Cursor& at) {
    { at.next } -> std::same_as<slot_number&>;
};

/// A cursor with a member `std::uint64_t samples` as well, which finds lost samples.
template <class Cursor>
concept sample_counting_cursor = slot_counting_cursor<Cursor> && requires(Cursor& at) {
    { at.samples } -> std::same_as<std::uint64_t&>;
};

namespace detail {

BACKENDS_MEMBER_NAME(next);
BACKENDS_MEMBER_NAME(samples);

/// True if a cursor's optional members have the expected types.
template <class Cursor>
consteval bool is_whole_cursor() {
    static_assert(
        !has_next<Cursor> || slot_counting_cursor<Cursor>,
        "backends: a cursor's `next` is a public slot_number, the first slot that no line "
        "has had: make it one, or give it another name");
    static_assert(
        !has_samples<Cursor> || sample_counting_cursor<Cursor>,
        "backends: a cursor's `samples` is a public std::uint64_t beside `next`, what was "
        "recorded before it: make it one, or give it another name");
    return true;
}

/// The number of samples in the kept slots from `next` on. Cost: one pass over them.
template <class Chart>
std::uint64_t samples_from(const Chart& from, slot_number next) noexcept {
    std::uint64_t samples = 0;
    for (std::size_t column = 0; column < from.width(); ++column) {
        from.template visit<1>(from.unread(next), column, [&](const auto& row) noexcept {
            samples += Chart::cell::exists(row[0]) ? 1U : 0U;
        });
    }
    return samples;
}

/// The number of samples recorded before `next`. A recorder is inside a row for some nanoseconds.
/// If it stands still there, the result may miss one row but never counts too many.
template <class Chart>
std::uint64_t samples_before(const Chart& from, slot_number next) noexcept {
    constexpr int patience = 10'000;
    auto recorded = from.recorded();
    for (int n = 0; n < patience && !recorded.is_consistent && !recorded.kept.empty(); ++n) {
        recorded = from.recorded();
    }
    const std::uint64_t newer =
        samples_from(from, next) + (recorded.is_consistent ? 0 : from.width());
    return recorded.samples > newer ? recorded.samples - newer : 0;
}

}  // namespace detail

/// The first slot of the newest `span` seconds up to `newest`, or the end of the recorded slots.
template <class Chart>
slot_number newest_slots(const Chart& from, unix_seconds newest, seconds span) noexcept {
    const slot_range kept = from.recorded().kept;
    slot_number next = kept.end;
    const auto is_of_them = [&](unix_seconds time) noexcept {
        return time != Chart::no_time && newest - time < span.value;
    };
    for (std::int64_t left = span.value / from.update_every().value + 1;
         left > 0 && next > kept.first && is_of_them(from.time_of(next - 1)); --left) {
        --next;
    }
    return next;
}

/// A source's cursor that begins at a position, without repeats or omissions. If the position is
/// not from this chart, the cursor begins at the oldest slot.
template <data_source Source, class Chart>
typename Source::cursor cursor_at(const Chart& from, const chart_position& at) noexcept {
    static_assert(detail::is_whole_cursor<typename Source::cursor>());
    typename Source::cursor cursor{};
    if constexpr (slot_counting_cursor<typename Source::cursor>) {
        const auto recorded = from.recorded();
        const bool is_counted = at.samples != chart_position::uncounted;
        if (at.next == INT64_MIN || recorded.kept.empty() || at.next > recorded.kept.end ||
            (is_counted && at.samples > recorded.samples)) {
            return cursor;
        }
        cursor.next = at.next;
        if constexpr (sample_counting_cursor<typename Source::cursor>) {
            cursor.samples = is_counted ? at.samples : detail::samples_before(from, at.next);
        }
    }
    return cursor;
}

/// The position that a cursor has reached.
template <data_source Source>
chart_position position_of(const typename Source::cursor& cursor) noexcept {
    static_assert(detail::is_whole_cursor<typename Source::cursor>());
    chart_position at;
    if constexpr (slot_counting_cursor<typename Source::cursor>) {
        at.next = cursor.next;
        if (at.next != INT64_MIN) {
            at.samples = chart_position::uncounted;
        }
        if constexpr (sample_counting_cursor<typename Source::cursor>) {
            at.samples = cursor.samples;
        }
    }
    return at;
}

}  // namespace backends
