// SPDX-License-Identifier: BSL-1.0
//
// One cycle's work before delivery: what is new in every chart of a host, reduced, and a line for
// each value, straight into the queue. The library's hot path.
#pragma once

#include <backends/core/counters.hpp>
#include <backends/core/errors.hpp>
#include <backends/core/names.hpp>
#include <backends/core/time.hpp>
#include <backends/exporter/chart_lines.hpp>
#include <backends/exporter/observer.hpp>
#include <backends/exporter/positions.hpp>
#include <backends/exporter/series_numbers.hpp>
#include <backends/format/renderer.hpp>
#include <backends/source/position.hpp>
#include <backends/source/sources.hpp>

#include <boost/core/no_exceptions_support.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace backends::inline BACKENDS_ISA {

/// The lines of one host.
///
/// @tparam Source  a data source, or a reduction that stands for one
/// @tparam Format  the wire format
/// @tparam Host    the host's type
/// @tparam Rule    what becomes of bytes that the format cannot express
///
/// Not thread-safe; the charts may be recorded into meanwhile, as their policy says.
template <source_or_reduction Source, wire_format Format, class Host, name_rule Rule = replace>
class cycle {
public:
    using source = source_of<Source>;
    using host_type = Host;
    static_assert((!detail::has_fetch_chart<source> && !detail::has_fetch_samples<source>) ||
                      fetching_source<source, typename Host::chart_type>,
                  "backends: a data source has both fetch_chart(chart) and fetch_samples(chart, "
                  "cursor, charts), or none; see docs/concepts/data_source.md");

    /// With everything that is kept.
    struct from_the_oldest {
        chart_position operator()(const typename Host::chart_type&) const noexcept { return {}; }
    };

    /// Throws config_error for names and tags that the format cannot carry.
    explicit cycle(const identity& names) : renderer_{names} {}

    /// Registers the charts that were added to the host since the last call. Allocates when there
    /// are any. A chart for which that fails is counted, reported and tried again in the next call;
    /// those behind it do not wait for it. A series that the format cannot express is counted,
    /// reported and left out. Throws std::bad_alloc when there is no memory to keep in mind what
    /// failed; the next call goes on where this one stopped.
    ///
    /// @param begin  begin(chart), noexcept, is the position where its first reading begins
    template <class Observer, class Begin = from_the_oldest>
    void follow(const Host& from, Observer& observer, cycle_counters& count,
                const Begin& begin = {}) {
        std::erase_if(postponed_,
                      [&](postponed& one) { return follow_chart(one, observer, count); });
        for (; known_ < from.size(); ++known_) {
            const auto& one = from.chart_at(known_);
            postponed_.push_back({&one, {}, begin(one)});  // what may throw comes first
            if (follow_chart(postponed_.back(), observer, count)) {
                postponed_.pop_back();
            }
        }
    }

    /// Writes a line for everything that no cycle has had yet, stamped with `before` (values as
    /// collected have times of their own). Lines that find no room are refused, and counted there.
    ///
    /// @param queue     fits(n), reserve(n), commit(bytes, lines), refuse(bytes, lines): the delivery
    ///                  machine
    /// @param observer  is told what is lost of a chart
    template <class Queue, class Observer>
    void run(unix_seconds before, Queue& queue, cycle_counters& count,
             Observer& observer) noexcept {
        const std::size_t charts = charts_.size();
        read_result all;
        for (std::size_t i = 0; i < charts; ++i) {
            if (charts > large) {
                fetch_ahead(i);
            }
            followed& f = charts_[i];
            const std::uint64_t not_finite = count.not_finite;
            detail::chart_lines<source::variants, renderer<Format, Rule>, Queue> lines{
                renderer_, numbers_.of(f.series), f.series.size, queue, count};
            const read_result done = source::read(*f.chart, f.cursor, before, lines);
            lines.finish();
            all.samples += done.samples;
            all.overrun += done.overrun;
            if ((done.overrun | (count.not_finite ^ not_finite)) != 0) [[unlikely]] {
                tell_lost(f, done.overrun, count.not_finite - not_finite, observer);
            }
        }
        count.samples += all.samples;
        count.overrun += all.overrun;
    }
    template <class Queue>
    void run(unix_seconds before, Queue& queue, cycle_counters& count) noexcept {
        no_observer nobody;
        run(before, queue, count, nobody);
    }

    /// Adds how far every chart was exported. Allocates.
    void tell(chart_positions& positions) const {
        for (const followed& f : charts_) {
            positions.set(f.chart->id(), position_of<source>(f.cursor));
        }
        for (const postponed& one : postponed_) {
            positions.set(one.chart->id(), one.begin);
        }
    }

    /// Bytes of the texts that lines are made of, of all series together.
    [[nodiscard]] std::size_t text_bytes() const noexcept { return renderer_.text_bytes(); }

private:
    struct followed {
        const typename Host::chart_type* chart;
        typename source::cursor cursor;
        detail::series_numbers::place series;
    };

    /// Once a chart and cycle.
    template <class Observer>
    [[gnu::noinline]] static void tell_lost(const followed& f, std::uint64_t overrun,
                                            std::uint64_t not_finite, Observer& observer) noexcept {
        if (overrun != 0) {
            observe::overrun(observer, f.chart->id(), overrun);
        }
        if (not_finite != 0) {
            observe::not_finite(observer, f.chart->id(), not_finite);
        }
    }

    /// From so many charts on they do not fit the cache together with the lines.
    static constexpr std::size_t large = 512;

    /// Charts lie apart, so the processor does not see which comes next: asks for the memory of some
    /// that are to come, first for what says where their samples are, then for these.
    [[gnu::always_inline]] void fetch_ahead(std::size_t i) const noexcept {
        constexpr std::size_t ahead = 4;
        if constexpr (fetching_source<source, typename Host::chart_type>) {
            if (i + 2 * ahead < charts_.size()) {
                source::fetch_chart(*charts_[i + 2 * ahead].chart);
            }
            if (i + ahead < charts_.size()) {
                source::fetch_samples(*charts_[i + ahead].chart, charts_[i + ahead].cursor,
                                      charts_.size());
            }
        }
    }

    static constexpr std::uint32_t refused = detail::series_numbers::refused;

    /// A fused source has several lines for each dimension.
    static std::string line_name(std::string_view dimension, std::size_t variant) {
        std::string name{dimension};
        if (const std::string_view suffix = source::variant_name(variant); !suffix.empty()) {
            name += ".";
            name += suffix;
        }
        return name;
    }

    /// A chart whose registration has not succeeded.
    struct postponed {
        const typename Host::chart_type* chart;
        std::vector<std::uint32_t> numbers;  // of its series, so far
        chart_position begin;
    };

    /// Whether the chart is registered. Whatever fails, a chart must not keep another one away.
    template <class Observer>
    bool follow_chart(postponed& one, Observer& observer, cycle_counters& count) noexcept {
        const auto& from = *one.chart;
        BOOST_TRY {
            detail::reserve_more(charts_, 1);  // what may throw comes first: numbers are given once
            const std::size_t lines = from.width() * source::variants;
            const auto series = numbers_.add(lines, one.numbers, [&](std::size_t n) {
                return add(from.id(),
                           line_name(from.dimension(n / source::variants).id, n % source::variants),
                           observer, count);
            });
            charts_.push_back({&from, cursor_at<source>(from, one.begin), series});
            return true;
        }
        BOOST_CATCH(...) {
            ++count.postponed;
            observe::postponed(observer, from.id(), detail::handled_error());
            return false;
        }
        BOOST_CATCH_END
    }

    template <class Observer>
    std::uint32_t add(std::string_view chart_id, std::string_view dimension, Observer& observer,
                      cycle_counters& count) {
        std::uint32_t series = refused;
        if (const std::error_code error = renderer_.add(chart_id, dimension, series)) {
            ++count.refused_series;
            observe::refused_series(observer, chart_id, dimension, error);
            return refused;
        }
        if (renderer_.is_merged(series)) {
            ++count.merged_names;
            observe::merged_name(observer, chart_id, dimension);
        }
        return series;
    }

    renderer<Format, Rule> renderer_;
    std::vector<followed> charts_;
    detail::series_numbers numbers_;
    std::vector<postponed> postponed_;
    std::size_t known_ = 0;  // charts of the host that were seen
};

}  // namespace backends
