// SPDX-License-Identifier: BSL-1.0
//
// One cycle's work before delivery: reduces the new samples of every chart of a host, and writes a
// line for each value straight into the queue. The library's hot path.
#pragma once

#include <backends/core/counters.hpp>
#include <backends/core/erase_where.hpp>
#include <backends/core/errors.hpp>
#include <backends/core/export_names.hpp>
#include <backends/core/list.hpp>
#include <backends/core/time.hpp>
#include <backends/driver/observer.hpp>
#include <backends/exporter/chart_fields.hpp>
#include <backends/exporter/followed_chart.hpp>
#include <backends/exporter/histogram_records.hpp>
#include <backends/exporter/last_readings.hpp>
#include <backends/exporter/positions.hpp>
#include <backends/exporter/prefetch_ahead.hpp>
#include <backends/exporter/registration.hpp>
#include <backends/exporter/series_filter.hpp>
#include <backends/exporter/series_numbers.hpp>
#include <backends/exporter/told_losses.hpp>
#include <backends/format/renderer.hpp>
#include <backends/source/as_source.hpp>
#include <backends/source/position.hpp>

#include <boost/core/no_exceptions_support.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace backends::inline BACKENDS_ISA {

/// The lines of one host.
///
/// @tparam Source     a data source, or a reduction that stands for one
/// @tparam Format     the wire format
/// @tparam Host       the host's type
/// @tparam Rule       the rule for bytes that the format cannot express
/// @tparam Quantiles  those of a histogram that have lines
///
/// A removed chart stays in the host until the next run() has read its last samples, or the cycle
/// is gone. Not thread-safe; others may record into the charts meanwhile, as their policy says.
template <source_or_reduction Source, wire_format Format, class Host, name_rule Rule = replace,
          class Quantiles = quantiles<50, 95, 99>>
class cycle {
public:
    using source = as_source<Source>;
    using host_type = Host;
    static_assert(
        (!detail::has_prefetch_chart<source> && !detail::has_prefetch_samples<source>) ||
            prefetching_source<source, typename Host::chart_type>,
        "backends: a data source has both prefetch_chart(chart) and prefetch_samples(chart, "
        "cursor, charts), or none; see docs/concepts/data_source.md");

    /// Throws config_error for names and tags that no line of `longest` bytes can carry.
    explicit cycle(const identity& names, series_filter which = {},
                   std::size_t longest = Format::limits.line)
        : which_{std::move(which)},
          renderer_{names, max_number_chars<double>, longest},
          histograms_{names, longest} {}

    /// Registers the charts that were added to the host since the last call, and notes the removed
    /// ones: the next run() reads them last. A chart with the id of a removed one is registered by
    /// the call after that. Allocates for new charts. A chart whose registration fails is counted,
    /// reported and tried again in the next call; it keeps no later chart waiting. A series that
    /// the format cannot express is counted, reported and left out. Throws std::bad_alloc when
    /// there is no memory to note a failure; the next call goes on where this one stopped.
    ///
    /// @param begin  begin(chart), noexcept, gives the position of the chart's first reading;
    ///               without it, a chart begins with everything that is kept
    template <class Observer>
    void follow(const Host& from, Observer& observer, cycle_counters& count,
                detail::begin_ref<typename Host::chart_type> begin = {}) {
        last_readings_ = {};
        changes_.update(from, arrived_);
        const last_readings removed{changes_.last_readings()};
        waiting_ = 0;
        const auto is_followed = [&](postponed& one) __attribute__((noinline)) {
            if (removed.come_before(*one.chart)) {
                ++waiting_;
                return false;
            }
            return follow_chart(one, observer, count);
        };
        detail::erase_where(postponed_, is_followed);
        for (; known_ < arrived_.size(); ++known_) {
            const chart_type& added = *arrived_[known_];
            const detail::chart_begin at = begin(added);
            postponed_.push_back(  // may throw, so it comes first
                {&added, {}, at.at, histograms::read_at(added, at)});
            if (is_followed(postponed_.back())) {
                postponed_.pop_back();
            }
        }
        arrived_.clear();
        detail::release_excess(arrived_);
        known_ = 0;
        last_readings_ = removed;
    }

    /// Whether the next run() reads removed charts for the last time.
    [[nodiscard]] bool has_last_readings() const noexcept { return !last_readings_.empty(); }
    /// Whether the last run() did, and charts with their ids wait: a receiver keeps one value.
    [[nodiscard]] bool has_successors() const noexcept { return has_successors_; }

    /// Writes a line for every new value, stamped with `before` (values as collected have times of
    /// their own). The queue refuses and counts lines that find no room.
    ///
    /// @param queue     fits(n), reserve(n), commit(bytes, lines), refuse(bytes, lines): the
    ///                  delivery machine
    /// @param observer  hears of each chart's lost samples and refused rows
    template <class Queue, class Observer>
    void run(unix_seconds before, Queue& queue, cycle_counters& count,
             Observer& observer) noexcept {
        const std::size_t charts = charts_.size();
        followed* const end = charts_.data() + charts;
        std::uint64_t samples = 0;
        for (followed* one = charts_.data(); one != end; ++one) {
            detail::prefetch_ahead<source>(one, end, charts);
            followed& f = *one;
            lines_into<Queue> lines{renderer_, numbers_.of(f.series), f.series.size, queue};
            const read_result done = source::read(*f.chart, f.cursor, before, lines);
            samples += done.samples;
            detail::tell_reading(*f.chart, done.overrun, lines.finish(), f.told, count, observer);
        }
        count.samples += samples;
        end_run(before, queue, count, observer);
    }
    template <class Queue>
    void run(unix_seconds before, Queue& queue, cycle_counters& count) noexcept {
        no_observer nobody;
        run(before, queue, count, nobody);
    }

    /// Adds the position of every chart. Allocates.
    void tell(chart_positions& positions) const {
        std::size_t next = 0;
        for (const followed& f : charts_) {
            positions.set(f.chart->id(), position_of<source>(f.cursor), f.chart, f.chart->labels(),
                          histograms_.read_of(*f.chart, next));
        }
        for (const postponed& one : postponed_) {
            positions.set(one.chart->id(), one.begin, one.chart, one.chart->labels(),
                          histograms::copied(one.read));
        }
    }

    /// Bytes of the text from which lines are made, of all series together.
    [[nodiscard]] std::size_t text_bytes() const noexcept { return renderer_.text_bytes(); }

private:
    using chart_type = typename Host::chart_type;
    using last_readings = detail::last_readings<typename Host::follower>;
    using histograms = detail::histograms_of<Format, Rule, Quantiles, chart_type>;
    using followed = detail::followed_chart<source, chart_type>;
    template <class Queue>
    using lines_into = detail::lines_of_chart<source::variants, renderer<Format, Rule>, Queue>;
    template <class, class, class>
    friend class detail::walking_cycle;
    static constexpr std::uint32_t refused = detail::series_numbers::refused;

    /// A chart whose registration has not succeeded.
    struct postponed {
        const chart_type* chart;
        detail::list<std::uint32_t> numbers;  // of its series, so far
        chart_position begin;
        detail::list<std::uint64_t> read;  // of its histograms, before the first cycle
    };

    /// What follows the lines of the charts' samples.
    template <class Queue, class Observer>
    BACKENDS_INLINE void end_run(unix_seconds before, Queue& queue, cycle_counters& count,
                                 Observer& observer) noexcept {
        if (!histograms_.empty()) {
            const auto series_of = [this](std::size_t i) noexcept {
                const followed& f = charts_[i];
                return numbers_.of(f.series).from(f.series.size - histograms::lines_of(*f.chart));
            };
            histograms_.run(series_of, before, renderer_, queue, count, observer);
        }
        has_successors_ = false;
        if (!last_readings_.empty()) [[unlikely]] {
            forget_removed();
        }
    }

    /// Whether the chart is registered. A chart that fails must not keep another one away.
    template <class Observer>
    bool follow_chart(postponed& one, Observer& observer, cycle_counters& count) noexcept {
        const auto& from = *one.chart;
        BOOST_TRY {
            if (!which_.charts.matches(from.id())) {
                return true;
            }
            detail::reserve_more(charts_, 1);  // may throw, so it comes before any number
            histograms_.reserve(from);
            const std::size_t lines = from.width() * source::variants + histograms::lines_of(from);
            const auto series = numbers_.add(lines, one.numbers, [&](std::size_t n) {
                return detail::add_line<source>(renderer_, histograms_, from, n, which_.dimensions,
                                                observer, count);
            });
            histograms_.add(from, one.read, charts_.size());
            charts_.push_back({&from, cursor_at<source>(from, one.begin), series});
            return true;
        }
        BOOST_CATCH(...) {
            ++count.postponed;
            observe::postponed(observer, detail::told_name{from}.text(), detail::handled_error());
            return false;
        }
        BOOST_CATCH_END
    }

    /// The removed charts' last samples are in lines: frees what was kept for them, in their order.
    [[gnu::noinline]] void forget_removed() noexcept {
        auto removed = std::exchange(last_readings_, {});
        removed.sort_to_mark();
        histograms_.begin_removal();
        detail::erase_where(charts_, [&](const followed& f) {
            const bool is_removed = removed.mark(*f.chart);
            histograms_.passes(*f.chart, is_removed);
            if (!is_removed) {
                return false;
            }
            const auto numbers = numbers_.of(f.series);
            for (std::size_t i = 0; i < f.series.size; ++i) {
                if (numbers[i] != refused) {
                    renderer_.remove(numbers[i]);
                }
            }
            return true;
        });
        detail::release_excess(charts_);
        histograms_.end_removal();
        has_successors_ = changes_.pass() != 0 && waiting_ != 0;
        if (renderer_.is_wasteful()) {
            BOOST_TRY { renumber(); }
            BOOST_CATCH(...) {}  // no memory to sort them: the next removed chart tries again
            BOOST_CATCH_END
        }
    }

    /// Closes the holes that removed series left: later numbers move up. Allocates, then changes.
    void renumber() {
        detail::list<std::uint32_t> to(renderer_.numbers(), refused);
        const auto stays = [&](std::uint32_t number) {
            if (number != refused) {
                to[number] = 0;
            }
        };
        for (const followed& f : charts_) {
            const auto numbers = numbers_.of(f.series);
            for (std::size_t i = 0; i < f.series.size; ++i) {
                stays(numbers[i]);
            }
        }
        for (const postponed& one : postponed_) {
            for (const std::uint32_t number : one.numbers) {
                stays(number);
            }
        }
        std::uint32_t next = 0;
        for (std::uint32_t& number : to) {
            number = number == refused ? refused : next++;
        }
        numbers_.renumber(to, [&](auto change) {
            for (followed& f : charts_) {
                change(f.series);
            }
        });
        for (postponed& one : postponed_) {
            for (std::uint32_t& number : one.numbers) {
                number = number == refused ? refused : to[number];
            }
        }
        renderer_.keep(to);
    }

    series_filter which_;
    renderer<Format, Rule> renderer_;
    detail::list<followed> charts_;
    detail::series_numbers numbers_;
    histograms histograms_;
    detail::list<postponed> postponed_;
    typename Host::follower changes_;
    detail::list<const chart_type*> arrived_;  // by the last call of follow()
    std::size_t known_ = 0;                    // the first so many of these are dealt with
    last_readings last_readings_;              // for the next run()
    std::size_t waiting_ = 0;                  // charts whose id one of these still has
    bool has_successors_ = false;
};

}  // namespace backends
