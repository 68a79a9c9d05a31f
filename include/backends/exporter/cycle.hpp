// SPDX-License-Identifier: BSL-1.0
//
// One cycle's work before delivery: what is new in every chart of a host, reduced, and a line for
// each value, straight into the queue. The library's hot path.
#pragma once

#include <backends/core/counters.hpp>
#include <backends/core/names.hpp>
#include <backends/core/time.hpp>
#include <backends/exporter/observer.hpp>
#include <backends/exporter/series_numbers.hpp>
#include <backends/format/number.hpp>
#include <backends/format/number_block.hpp>
#include <backends/format/renderer.hpp>
#include <backends/source/sources.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
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
    using host_type = Host;

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
    void run(unix_seconds before, Lines& queue, cycle_counters& count) noexcept {
        const std::size_t charts = charts_.size();
        for (std::size_t i = 0; i < charts; ++i) {
            if (charts > large) {
                fetch_ahead(i);
            }
            followed& f = charts_[i];
            // Room for all lines of the chart at once, as a rule.
            const std::size_t room = f.series.size * line_room();
            char* const begin = queue.fits(room) ? queue.reserve(room) : nullptr;
            if (begin == nullptr) [[unlikely]] {
                run_line_by_line(f, before, queue, count);
                continue;
            }
            contiguous lines{*this, f, count, begin};
            read(f, before, lines, count);
            queue.commit(static_cast<std::size_t>(lines.end() - begin), lines.written());
        }
    }

    /// Bytes that one line may need while it is written.
    [[nodiscard]] std::size_t line_room() const noexcept {
        return renderer_.max_line() + renderer_.line_slack;
    }

    /// Bytes of the texts that lines are made of, of all series together.
    [[nodiscard]] std::size_t text_bytes() const noexcept { return renderer_.text_bytes(); }

private:
    struct followed {
        const typename Host::chart_type* chart;
        typename source::cursor cursor;
        detail::series_numbers::place series;
    };

    /// From so many charts on they do not fit the cache together with the lines.
    static constexpr std::size_t large = 512;

    /// Charts lie apart, so the processor does not see which comes next: asks for the memory of some
    /// that are to come, first for what says where their samples are, then for these.
    [[gnu::always_inline]] void fetch_ahead(std::size_t i) const noexcept {
        constexpr std::size_t ahead = 4;
        if constexpr (requires(const followed& f) {
                          source::fetch_chart(*f.chart);
                          source::fetch_samples(*f.chart, f.cursor);
                      }) {
            if (i + 2 * ahead < charts_.size()) {
                source::fetch_chart(*charts_[i + 2 * ahead].chart);
            }
            if (i + ahead < charts_.size()) {
                source::fetch_samples(*charts_[i + ahead].chart, charts_[i + ahead].cursor);
            }
        }
    }

    [[gnu::always_inline]] static void read(followed& f, unix_seconds before, auto& emit,
                                            cycle_counters& count) noexcept {
        const read_result done = source::read(*f.chart, f.cursor, before, emit);
        count.samples += done.samples;
        count.overrun += done.overrun;
    }

    /// What a source emits of one chart, as lines one behind the other. There is room for them.
    class contiguous {
    public:
        [[gnu::always_inline]] contiguous(cycle& all, const followed& chart, cycle_counters& count,
                                          char* begin) noexcept
            : renderer_{all.renderer_},
              series_{all.numbers_.of(chart.series)},
              count_{count},
              end_{begin} {}

        [[nodiscard]] char* end() const noexcept { return end_; }
        [[nodiscard]] std::size_t written() const noexcept { return written_; }

        template <class Value>
        void operator()(std::size_t dimension, std::size_t variant, unix_seconds at,
                        Value value) noexcept {
            const std::uint32_t series = series_[dimension * source::variants + variant];
            if (!is_printable(value) || at <= 0) [[unlikely]] {
                ++count_.not_finite;
            } else if (series != refused) [[likely]] {
                end_ = renderer_.line(end_, series, at, value);
                ++written_;
            }
        }

        template <class Value, std::size_t Most>
        [[gnu::always_inline]] void block(unix_seconds at,
                                          const value_block<Value, Most>& all) noexcept {
            const number_block<Value, Most> numbers{all.values, all.size};
            const std::uint32_t every = (std::uint32_t{1} << all.size) - 1;
            if (!series_.is_whole() || all.present != every || !numbers.is_plain() || at <= 0)
                [[unlikely]] {
                block_one_by_one(at, all, numbers);
                return;
            }
            const auto lines = renderer_.lines_at(at);
            auto series = renderer_.text_of(series_[all.first]);
            const std::size_t size = all.size;
            char* end = end_;
            for (std::size_t i = 0; i < size; ++i) {
                end = lines.write(end, series, [&](char* out) __attribute__((always_inline)) {
                    return numbers.write_plain(out, i);
                });
            }
            end_ = end;
            written_ += size;
        }

    private:
        /// Some value is missing, negative, large or not a number, or has no series.
        template <class Value, std::size_t Most>
        [[gnu::always_inline]] void block_one_by_one(
            unix_seconds at, const value_block<Value, Most>& all,
            const number_block<Value, Most>& numbers) noexcept {
            const auto lines = renderer_.lines_at(at > 0 ? at : 1);
            for (std::size_t i = 0; i < all.size; ++i) {
                const std::uint32_t series = series_[all.first + i];
                if ((all.present >> i & 1) == 0) {
                    continue;
                }
                if (!numbers.is_printable(i) || at <= 0) [[unlikely]] {
                    ++count_.not_finite;
                } else if (series != refused) [[likely]] {
                    auto one = renderer_.text_of(series);
                    end_ = lines.write(end_, one, [&](char* out) __attribute__((always_inline)) {
                        return numbers.write(out, i);
                    });
                    ++written_;
                }
            }
        }

        renderer<Format, Rule>& renderer_;
        detail::series_numbers::view series_;
        cycle_counters& count_;
        char* end_;
        std::size_t written_ = 0;
    };

    /// The queue is nearly full, or the chart very wide: each line finds room, makes some, or is
    /// refused.
    template <class Lines>
    [[gnu::noinline]] void run_line_by_line(followed& f, unix_seconds before, Lines& queue,
                                            cycle_counters& count) noexcept {
        const auto series = numbers_.of(f.series);
        auto emit = [&](std::size_t dimension, std::size_t variant, unix_seconds at,
                        auto value) noexcept {
            const std::uint32_t number = series[dimension * source::variants + variant];
            if (!is_printable(value) || at <= 0) [[unlikely]] {
                ++count.not_finite;
            } else if (number != refused) [[likely]] {
                write(queue, number, at, value);
            }
        };
        read(f, before, emit, count);
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

    template <class Observer>
    void follow_chart(const typename Host::chart_type& chart, Observer& observer,
                      cycle_counters& count) {
        detail::reserve_more(charts_, 1);  // what may throw comes first: a chart is numbered once
        const auto series = numbers_.add(chart.width() * source::variants, [&](std::size_t n) {
            return add(chart.id(),
                       line_name(chart.dimension(n / source::variants).id, n % source::variants),
                       observer, count);
        });
        charts_.push_back({&chart, {}, series});
    }

    template <class Observer>
    std::uint32_t add(std::string_view chart, std::string_view dimension, Observer& observer,
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
    detail::series_numbers numbers_;
};

}  // namespace backends
