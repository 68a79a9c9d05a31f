// SPDX-License-Identifier: BSL-1.0
//
// One cycle's work before delivery: what is new in every chart of a host, reduced, and a line for
// each value, straight into the queue. The library's hot path.
#pragma once

#include <backends/core/counters.hpp>
#include <backends/core/names.hpp>
#include <backends/core/time.hpp>
#include <backends/exporter/observer.hpp>
#include <backends/format/number.hpp>
#include <backends/format/renderer.hpp>
#include <backends/source/sources.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <system_error>
#include <vector>

namespace backends {

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

    /// Throws config_error for names and tags that the format cannot carry.
    explicit cycle(const identity& names) : renderer_{names} {}

    /// Registers the charts that were added to the host since the last call. Allocates when there
    /// are any, and when that throws, the next call goes on where this one stopped. A series that
    /// the format cannot express is counted, reported and left out.
    template <class Observer>
    void follow(const Host& host, Observer& observer, cycle_counters& count) {
        for (std::size_t i = charts_.size(); i < host.size(); ++i) {
            follow_chart(host.chart_at(i), observer, count);
        }
        count.merged_names = renderer_.merged();
    }

    /// Writes a line for everything that no cycle has had yet, stamped with `before` (values as
    /// collected have times of their own). Lines that find no room are refused, and counted there.
    ///
    /// @param lines  fits(n), reserve(n), commit(bytes, lines), refuse(bytes, lines): the delivery
    ///               machine
    template <class Lines>
    void run(unix_seconds before, Lines& lines, cycle_counters& count) noexcept {
        for (followed& f : charts_) {
            // Room for all lines of the chart at once, as a rule.
            const std::size_t room = f.series * line_room();
            char* const begin = lines.fits(room) ? lines.reserve(room) : nullptr;
            if (begin == nullptr) [[unlikely]] {
                run_line_by_line(f, before, lines, count);
                continue;
            }
            char* end = begin;
            std::size_t written = 0;
            read(f, before, count,
                 [&](std::uint32_t series, unix_seconds at, auto value) noexcept {
                     end = renderer_.line(end, series, at, value);
                     ++written;
                 });
            lines.commit(static_cast<std::size_t>(end - begin), written);
        }
    }

    /// Bytes that one line may need while it is written.
    [[nodiscard]] std::size_t line_room() const noexcept {
        return renderer_.max_line() + renderer_.line_slack;
    }

private:
    struct followed {
        const typename Host::chart_type* chart;
        typename source::cursor cursor;
        std::size_t first_series;
        std::size_t series;
    };

    /// Calls line(series, at, value) for everything of a chart that can stand in a line.
    template <class Line>
    void read(followed& f, unix_seconds before, cycle_counters& count, Line&& line) noexcept {
        const std::uint32_t* const series = series_.data() + f.first_series;
        const read_result done = source::read(
            *f.chart, f.cursor, before,
            [&](std::size_t dimension, std::size_t variant, unix_seconds at, auto value) noexcept {
                const std::uint32_t number = series[dimension * source::variants + variant];
                if (!is_printable(value) || at <= 0) [[unlikely]] {
                    ++count.not_finite;
                } else if (number != refused) [[likely]] {
                    line(number, at, value);
                }
            });
        count.samples += done.samples;
        count.overrun += done.overrun;
    }

    /// The queue is nearly full, or the chart very wide: each line finds room, makes some, or is
    /// refused.
    template <class Lines>
    [[gnu::noinline]] void run_line_by_line(followed& f, unix_seconds before, Lines& lines,
                                            cycle_counters& count) noexcept {
        read(f, before, count,
             [&](std::uint32_t series, unix_seconds at, auto value) noexcept {
                 write(lines, series, at, value);
             });
    }

    /// Stands for a series that the format cannot express.
    static constexpr std::uint32_t refused = UINT32_MAX;

    /// A fused source has several lines for each dimension.
    static std::string line_name(const std::string& dimension, std::size_t variant) {
        const std::string_view suffix = source::variant_name(variant);
        return suffix.empty() ? dimension : dimension + "." + std::string{suffix};
    }

    template <class Observer>
    void follow_chart(const typename Host::chart_type& chart, Observer& observer,
                      cycle_counters& count) {
        const std::size_t first = followed_series_;
        const std::size_t last = first + chart.width() * source::variants;
        while (series_.size() < last) {
            const std::size_t n = series_.size() - first;
            series_.push_back(refused);  // what may throw comes first, the name is added once
            try {
                series_.back() =
                    add(chart.id(),
                        line_name(chart.dimension(n / source::variants).id, n % source::variants),
                        observer, count);
            } catch (...) {
                series_.pop_back();
                throw;
            }
        }
        charts_.push_back({&chart, {}, first, last - first});
        followed_series_ = last;
    }

    template <class Observer>
    std::uint32_t add(const std::string& chart, const std::string& dimension, Observer& observer,
                      cycle_counters& count) {
        std::uint32_t series = refused;
        if (const std::error_code error = renderer_.add(chart, dimension, series)) {
            ++count.refused_series;
            observe::refused_series(observer, chart, dimension, error);
            return refused;
        }
        if (renderer_.is_merged(series)) {
            observe::merged_name(observer, chart, dimension);
        }
        return series;
    }

    template <class Lines, class Value>
    void write(Lines& lines, std::uint32_t series, unix_seconds at, Value value) noexcept {
        if (char* const begin = lines.reserve(line_room()); begin != nullptr) [[likely]] {
            char* const end = renderer_.line(begin, series, at, value);
            lines.commit(static_cast<std::size_t>(end - begin), 1);
        } else {
            refuse(lines, series, at, value);
        }
    }

    /// The account is in bytes too, so a refused line is written all the same, into nothing.
    template <class Lines, class Value>
    [[gnu::noinline]] void refuse(Lines& lines, std::uint32_t series, unix_seconds at,
                                  Value value) noexcept {
        std::array<char, Format::limits.line + decltype(renderer_)::line_slack> nowhere;
        char* const end = renderer_.line(nowhere.data(), series, at, value);
        lines.refuse(static_cast<std::size_t>(end - nowhere.data()), 1);
    }

    renderer<Format, Rule> renderer_;
    std::vector<followed> charts_;
    std::vector<std::uint32_t> series_;  // of each chart: dimensions, and variants in each
    std::size_t followed_series_ = 0;    // of these, those of the charts that are followed
};

}  // namespace backends
