// SPDX-License-Identifier: BSL-1.0
//
// The lines of the exporter's own charts. They are few, and one thread records and reads them: the
// fast walk through a host's charts would only be compiled a second time.
#pragma once

#include <backends/core/counters.hpp>
#include <backends/core/errors.hpp>
#include <backends/core/export_names.hpp>
#include <backends/core/list.hpp>
#include <backends/core/time.hpp>
#include <backends/driver/observer.hpp>
#include <backends/exporter/chart_fields.hpp>
#include <backends/exporter/registration.hpp>
#include <backends/exporter/told_losses.hpp>
#include <backends/format/renderer.hpp>
#include <backends/monitor/monitor.hpp>
#include <backends/source/as_source.hpp>

#include <boost/core/no_exceptions_support.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace backends::inline BACKENDS_ISA {

namespace detail {

/// Reads one chart for a data source, column by column and sample by sample.
template <class Source>
struct plain_reading {
    template <class Chart, class Lines>
    static read_result read(const Chart& from, typename Source::cursor& at, unix_seconds before,
                            Lines& lines) noexcept {
        return Source::read(from, at, before, lines);
    }
};
template <class Reduction>
struct plain_reading<stored<Reduction>> {
    template <class Chart, class Lines>
    [[gnu::noinline]] static read_result read(const Chart& from,
                                              typename stored<Reduction>::cursor& at,
                                              unix_seconds before, Lines& lines) noexcept {
        const recorded_samples recorded = from.recorded();
        const slot_range range = recorded.kept.within({at.next, INT64_MAX});
        read_result all;
        for (std::size_t i = 0; i < from.width(); ++i) {
            const auto column = fold_carefully<Reduction>(from, range, i);
            all.samples += column.samples;
            if (column.samples == 0) {
                continue;
            }
            if constexpr (is_fused<Reduction>) {
                Reduction::results(column.state, column.samples, from.update_every(),
                                   [&](std::size_t variant, auto value) noexcept {
                                       lines(i, variant, before, value);
                                   });
            } else {
                lines(i, std::size_t{0}, before,
                      result_of<Reduction>(column.state, column.samples, from.update_every()));
            }
        }
        at.next = recorded.kept.end;
        at.samples += all.samples;
        all.overrun = recorded.samples - at.samples;
        at.samples = recorded.samples;
        return all;
    }
};

/// Whether a data source reads charts of that type: a user's own may read one type only.
template <class Source, class Chart>
concept reads = requires(const Chart& from, typename Source::cursor& at, any_emit sink) {
    { Source::read(from, at, unix_seconds{}, sink) } -> std::same_as<read_result>;
};

template <class Source, class Host>
using own_chart = std::conditional_t<reads<as_source<Source>, small_chart<Host>>, small_chart<Host>,
                                     typename Host::chart_type>;

}  // namespace detail

/// @tparam Source  the data source, or a reduction that stands for one
/// @tparam Format  the wire format
/// @tparam Chart   the type of the monitor's charts
/// @tparam Rule    the rule for bytes that the format cannot express
///
/// Not thread-safe.
template <source_or_reduction Source, wire_format Format, class Chart, name_rule Rule>
class own_lines {
    using source = as_source<Source>;

public:
    /// Throws config_error for names and tags that the format cannot carry.
    ///
    /// @param longest  of a line, in bytes
    explicit own_lines(const identity& names, std::size_t longest = Format::limits.line)
        : renderer_{names, max_number_chars<double>, longest} {}

    /// Registers every chart that is not registered yet. False: memory ran out, which is counted
    /// and reported; the next call goes on where this one stopped.
    template <class Observer>
    bool follow(const monitor<Chart>& from, Observer& observer, cycle_counters& count) noexcept {
        std::size_t series = 0;
        for (const Chart* const one : from.charts()) {
            const std::size_t first = series;
            series += one->width() * source::variants;
            if (numbers_.size() < series && !add(*one, first, series, observer, count)) {
                return false;
            }
        }
        return true;
    }

    /// Writes a line for every sample since the last call, as cycle::run() does. Precondition:
    /// follow() has registered all charts.
    template <class Queue, class Observer>
    void run(const monitor<Chart>& from, unix_seconds before, Queue& queue, cycle_counters& count,
             Observer& observer) noexcept {
        const std::uint32_t* numbers = numbers_.data();
        progress* of = states_.data();
        for (const Chart* const one : from.charts()) {
            const std::size_t most = one->width() * source::variants;
            detail::lines_of_chart<source::variants, renderer<Format, Rule>, Queue> lines{
                renderer_, {numbers, 0}, most, queue};
            const read_result done =
                detail::plain_reading<source>::read(*one, of->cursor, before, lines);
            const std::uint64_t not_finite = lines.finish();
            count.samples += done.samples;
            detail::tell_reading(*one, done.overrun, not_finite, of->told, count, observer);
            numbers += most;
            ++of;
        }
    }

private:
    struct progress {
        typename source::cursor cursor{};
        detail::told_disorder told{};
    };

    /// Registers a chart's series, numbers `first` to `end` of all, except the registered ones.
    template <class Observer>
    bool add(const Chart& from, std::size_t first, std::size_t end, Observer& observer,
             cycle_counters& count) noexcept {BOOST_TRY{
        numbers_.reserve(end);  // may throw, so it comes first: a series gets its number once
    while (numbers_.size() < end) {
        const std::size_t n = numbers_.size() - first;
        numbers_.push_back(detail::add_series(renderer_, from, detail::line_name<source>(from, n),
                                              detail::quantity_of<source>(from, n), observer,
                                              count));
    }
    return true;
} BOOST_CATCH(...) {
    ++count.postponed;
    observe::postponed(observer, from.id(), detail::handled_error());
    return false;
}
BOOST_CATCH_END
}

renderer<Format, Rule> renderer_;
detail::list<std::uint32_t> numbers_;  // of all series, chart by chart
std::array<progress, monitor<Chart>::size> states_{};
}
;

}  // namespace backends
