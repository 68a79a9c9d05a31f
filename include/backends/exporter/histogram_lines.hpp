// SPDX-License-Identifier: BSL-1.0
//
// Exporter: the lines or records of a host's histograms. A cursor for each chart keeps what it has
// read of them, so that the next window is the exact difference, whatever the period.
#pragma once

#include <backends/core/counters.hpp>
#include <backends/core/erase_where.hpp>
#include <backends/core/export_names.hpp>
#include <backends/core/extremes.hpp>
#include <backends/core/labels.hpp>
#include <backends/core/list.hpp>
#include <backends/core/quantity.hpp>
#include <backends/core/time.hpp>
#include <backends/driver/observer.hpp>
#include <backends/exporter/positions.hpp>
#include <backends/exporter/series_numbers.hpp>
#include <backends/exporter/told_losses.hpp>
#include <backends/instrument/distribution.hpp>
#include <backends/storage/distributing_chart.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace backends::inline BACKENDS_ISA::detail {

/// What a cycle has read of its charts' histograms.
///
/// @tparam Form   what they become: quantile_lines, histogram_records
/// @tparam Chart  the charts' common type
///
/// Not thread-safe; threads record meanwhile.
template <class Form, class Chart>
class histogram_lines {
    static constexpr std::size_t lines = Form::lines;

public:
    /// @param longest  bytes that a line may have
    histogram_lines(const identity& names, std::size_t longest) : form_{names, longest} {}

    [[nodiscard]] static std::size_t lines_of(const Chart& from) noexcept {
        const distribution_list* const all = distributions_of(from);
        return all == nullptr ? 0 : all->size * lines;
    }
    /// Whether the dimensions of a chart have lines: one that has histograms alone has an idle one.
    [[nodiscard]] static bool has_samples(const Chart& from) noexcept {
        const distribution_list* const all = distributions_of(from);
        return all == nullptr || !all->is_all;
    }
    /// The name of line n of them all. Precondition: n < lines_of(from).
    [[nodiscard]] static std::string name_of(const Chart& from, std::size_t n) {
        return Form::name_of(distributions_of(from)->first[n / lines], n % lines);
    }

    /// What line n of them all says.
    [[nodiscard]] static quantity quantity_of(std::size_t n) noexcept {
        return Form::quantity_of(n % lines);
    }
    /// Of forms that are records: how the renderer knows the name of line n of the chart of the
    /// last reserve(), and whether a series of another kind has a name.
    [[nodiscard]] auto series_of(const Chart& from, std::string_view name,
                                 std::size_t n) const noexcept {
        return form_.series_of(from.id(), name, n / lines);
    }
    template <class Renderer, class Name>
    [[nodiscard]] bool is_shared(const Renderer& all, const Name& name, label_list labels,
                                 quantity says) const {
        return form_.is_shared(all, name, labels, says);
    }
    /// Why the format has no line n of the chart of the last reserve(); none if it has one.
    [[nodiscard]] std::error_code refusal(std::size_t n) const noexcept {
        return form_.refusal(n / lines);
    }

    /// What counts as read where an exporter begins: what another one has read, or nothing, or all
    /// that is there now. Throws std::bad_alloc.
    [[nodiscard]] static list<std::uint64_t> read_at(const Chart& from, const chart_begin& begin) {
        if (!from.has_distributions()) {
            return {};
        }
        list<std::uint64_t> read(distributions_of(from)->words());
        if (begin.read.size() == read.size()) {
            std::memcpy(read.data(), begin.read.data(), begin.read.size_bytes());
        } else if (begin.at.next != chart_position{}.next) {
            std::uint64_t* to = read.data();
            for (const distribution_reader& of : *distributions_of(from)) {
                of.read(of.of, to);
                to += of.shape.words();
            }
        }
        return read;
    }
    /// Makes room for the cursor of a chart. Throws std::bad_alloc, and then nothing has changed
    /// but the room.
    void reserve(const Chart& from) {
        if (!from.has_distributions()) {
            return;
        }
        for (const distribution_reader& of : *distributions_of(from)) {
            now_.resize(detail::larger(now_.size(), of.shape.words()));
        }
        form_.reserve(from, *distributions_of(from));
        if (cursors_.size() == cursors_.capacity()) {
            cursors_.reserve(cursors_.size() + cursors_.size() / 8 + 1);
        }
    }
    /// Precondition: the last reserve() was for it, and it will be chart `index` of the cycle, the
    /// last one.
    void add(const Chart& from, list<std::uint64_t>& read, std::size_t index) noexcept {
        if (from.has_distributions()) {
            cursors_.push_back({&from, index, std::move(read), form_.take_texts()});
        }
    }

    [[nodiscard]] bool empty() const noexcept { return cursors_.empty(); }
    /// Some 0.4 µs each, and 80 ns a thread that has recorded.
    ///
    /// @param series_of  series_of(index) gives the numbers of a chart's lines of histograms
    template <class Series, class Renderer, class Queue, class Observer>
    [[gnu::noinline]] void run(const Series& series_of, unix_seconds before, Renderer& renderer,
                               Queue& queue, cycle_counters& count, Observer& observer) noexcept {
        for (cursor& one : cursors_) {
            const distribution_list& all = *distributions_of(*one.chart);
            std::uint64_t not_finite = 0;
            typename Form::template sink<Renderer, Queue> out{renderer, series_of(one.index),
                                                              all.size * lines, queue};
            std::uint64_t* seen = one.read.data();
            for (std::size_t i = 0; i < all.size; ++i) {
                const distribution_reader& of = all.first[i];
                of.read(of.of, now_.data());
                const distribution_window window{of.shape, seen, now_.data()};
                form_.write(window, of.shape, now_.data(), i, before, one.texts, out);
                not_finite += window.not_a_number;
                seen += of.shape.words();
            }
            not_finite += out.finish();
            if (not_finite != 0) [[unlikely]] {
                count.not_finite += not_finite;
                tell_lost(observer, told_name{*one.chart}.text(), 0, not_finite);
            }
        }
    }

    /// The last reading of a chart; empty where it has no histogram. Ask in the order of the
    /// cycle's charts, with a `next` that begins at 0.
    [[nodiscard]] std::vector<std::uint64_t> read_of(const Chart& from, std::size_t& next) const {
        const bool has_one = next != cursors_.size() && cursors_[next].chart == &from;
        return has_one ? copied(cursors_[next++].read) : std::vector<std::uint64_t>{};
    }
    [[nodiscard]] static std::vector<std::uint64_t> copied(const list<std::uint64_t>& read) {
        return {read.begin(), read.end()};
    }

    /// Call begin_removal(), passes() for each chart of the cycle in their order, end_removal().
    void begin_removal() noexcept { passed_ = charts_ = 0; }
    void passes(const Chart& one, bool is_removed) noexcept {
        if (passed_ != cursors_.size() && cursors_[passed_].chart == &one) {
            cursors_[passed_].index = charts_;
            cursors_[passed_++].chart = is_removed ? nullptr : &one;
        }
        charts_ += is_removed ? 0 : 1;
    }
    void end_removal() noexcept {
        erase_where(cursors_, [](const cursor& one) { return one.chart == nullptr; });
    }

private:
    struct cursor {
        const Chart* chart;
        std::size_t index;         ///< of the chart, in the cycle
        list<std::uint64_t> read;  ///< the last reading of each, one after another
        [[no_unique_address]] typename Form::texts texts;  ///< what the form keeps of them
    };

    [[no_unique_address]] Form form_;
    list<cursor> cursors_;     // in the order of the cycle's charts
    list<std::uint64_t> now_;  // of one histogram
    std::size_t passed_ = 0;
    std::size_t charts_ = 0;
};

}  // namespace backends::detail
