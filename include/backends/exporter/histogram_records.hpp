// SPDX-License-Identifier: BSL-1.0
//
// Exporter, a form of histograms: one record of a whole window, for formats that have native ones.
#pragma once

#include <backends/core/errors.hpp>
#include <backends/core/export_names.hpp>
#include <backends/core/joined.hpp>
#include <backends/core/labels.hpp>
#include <backends/core/list.hpp>
#include <backends/core/quantity.hpp>
#include <backends/core/time.hpp>
#include <backends/exporter/histogram_lines.hpp>
#include <backends/exporter/quantile_lines.hpp>
#include <backends/exporter/series_numbers.hpp>
#include <backends/format/histogram_record.hpp>
#include <backends/format/wire_format.hpp>
#include <backends/instrument/distribution.hpp>
#include <backends/number/number.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace backends::inline BACKENDS_ISA::detail {

/// A record in the queue, as lone_line, whose length is known before there is room for it.
///
/// @tparam Renderer  renderer<Format, Rule>
/// @tparam Queue     reserve(n), commit(bytes, lines), refuse(bytes, lines)
template <class Renderer, class Queue>
class record_sink {
public:
    record_sink(const Renderer&, series_numbers::view series, std::size_t, Queue& queue) noexcept
        : series_{series}, queue_{queue} {}

    [[nodiscard]] bool has_time(unix_seconds at) const noexcept { return Renderer::has_time(at); }
    [[nodiscard]] bool is_refused(std::size_t i) const noexcept {
        return series_[i] == series_numbers::refused;
    }
    void put(std::string_view record) noexcept {
        char* const room = queue_.reserve(record.size());
        if (room == nullptr) [[unlikely]] {
            queue_.refuse(record.size(), 1);
            return;
        }
        std::memcpy(room, record.data(), record.size());
        queue_.commit(record.size(), 1);
    }
    /// Counts a value that is not finite, or a time that the format has not.
    void leave_out() noexcept { ++left_out_; }
    [[nodiscard]] std::uint64_t finish() const noexcept { return left_out_; }

private:
    series_numbers::view series_;
    Queue& queue_;
    std::uint64_t left_out_ = 0;
};

/// @tparam Format  has_histograms
template <class Format, class Rule>
class histogram_records {
    using record = typename Format::histogram;
    using texts_maker = histogram_text<Format, Rule>;

public:
    static constexpr std::size_t lines = 1;
    template <class Renderer, class Queue>
    using sink = record_sink<Renderer, Queue>;

    /// @param longest  bytes that a record may have
    histogram_records(const identity& names, std::size_t longest)
        : names_{names}, limit_{longest < Format::limits.line ? longest : Format::limits.line} {}

    /// The dimension of a chart by itself has no place in the name; filters know it by this one.
    [[nodiscard]] static std::string name_of(const distribution_reader& one, std::size_t) {
        return string_of(one.name.empty() ? "value" : one.name);
    }
    [[nodiscard]] static quantity quantity_of(std::size_t) noexcept {
        return quantity::distribution;
    }
    /// How the renderer knows the name of the record of histogram i of the chart of the last
    /// reserve(): as that of a line, where one may have it.
    [[nodiscard]] series_name series_of(std::string_view id, std::string_view name,
                                        std::size_t i) const noexcept {
        const std::size_t dot = dots_[i];
        return dot == 0 ? series_name{id, name}
                        : series_name{id.substr(0, dot), id.substr(dot + 1)};
    }
    /// Whether a series of another kind has this name: one that says something else, or a
    /// histogram. Allocates.
    template <class Renderer>
    [[nodiscard]] bool is_shared(const Renderer& all, const series_name& name, label_list labels,
                                 quantity says) const {
        const auto has = [&](quantity other) { return texts_maker::has(all, name, labels, other); };
        return says == quantity::distribution
                   ? has(quantity::level) || has(quantity::amount) || has(quantity::total)
                   : !room_.empty() && has(quantity::distribution);
    }

    /// The names and labels of a chart's histograms, for their records.
    class texts {
        friend histogram_records;
        struct one {
            std::uint32_t name;    // bytes
            std::uint32_t labels;  // bytes, after the name's
            int coarser;           // each bucket of the records is 2^coarser of the histogram's
            unix_seconds begin;    // of its next window; 0: not known
        };
        list<one> all_;
        list<char> bytes_;
    };

    /// Makes the texts of a chart, and room for its longest record. Throws std::bad_alloc.
    template <class Chart>
    void reserve(const Chart& from, const distribution_list& all) {
        texts_ = {};
        refusals_.clear();
        dots_.clear();
        for (const distribution_reader& of : all) {
            std::string name;
            std::string labels;
            std::error_code error = names_.set(from.id(), of.name, from.labels(), name, labels);
            const std::size_t text = name.size() + labels.size();
            int coarser = 0;
            while (!error && record::longest(text, size_of(of.shape, coarser)) > limit_) {
                if (coarser == of.shape.scale) {
                    error = errc::line_too_long;
                } else {
                    ++coarser;
                }
            }
            refusals_.push_back(error);
            dots_.push_back(of.name.empty() ? dot_in(from.id(), from.labels(), name) : 0);
            texts_.all_.push_back({static_cast<std::uint32_t>(name.size()),
                                   static_cast<std::uint32_t>(labels.size()), coarser, 0});
            const std::size_t before = texts_.bytes_.size();
            texts_.bytes_.resize(before + text);
            name.copy(texts_.bytes_.data() + before, name.size());
            labels.copy(texts_.bytes_.data() + before + name.size(), labels.size());
            if (!error) {
                const std::size_t room = record::longest(text, size_of(of.shape, coarser));
                room_.resize(room_.size() < room ? room : room_.size());
            }
        }
    }
    /// Why histogram i of the chart of the last reserve() has no record; none if it has one.
    [[nodiscard]] std::error_code refusal(std::size_t i) const noexcept { return refusals_[i]; }
    [[nodiscard]] texts take_texts() noexcept { return std::move(texts_); }

    /// The record of histogram i of a chart. None where nothing was recorded: the next one's window
    /// begins earlier.
    ///
    /// @param fresh  the reading that `of` is of; changed
    template <class Sink>
    void write(const distribution_window& of, const distribution_shape& shape, std::uint64_t* fresh,
               std::size_t i, unix_seconds before, texts& of_chart, Sink& out) noexcept {
        auto& mine = of_chart.all_[i];
        const unix_seconds begin = mine.begin;
        if (!out.has_time(before)) [[unlikely]] {
            if (of.count() != 0) {
                out.leave_out();
            }
            return;
        }
        mine.begin = of.count() != 0 || begin == 0 ? before : begin;
        if (of.count() == 0 || out.is_refused(i)) {
            return;
        }
        histogram_point point = point_of(of, shape, fresh + 1, mine.coarser);
        point.begin = begin < before ? begin : 0;
        point.end = before;
        for (double* const v : {&point.sum, &point.least, &point.greatest}) {
            if (*v == *v && !backends::is_printable(*v)) [[unlikely]] {
                *v = histogram_point::unknown;
                out.leave_out();
            }
        }
        // No sum where a value may be negative: receivers take it for a counter.
        point.sum = of.below != 0 && of.least < 0 ? histogram_point::unknown : point.sum;
        const char* text = of_chart.bytes_.data();
        for (std::size_t k = 0; k < i; ++k) {
            text += of_chart.all_[k].name + of_chart.all_[k].labels;
        }
        const char* const end = room_.data() + room_.size();
        const char* const first = record::write_before(
            room_.data() + room_.size(), {text, mine.name}, {text + mine.name, mine.labels}, point);
        out.put({first, static_cast<std::size_t>(end - first)});
    }

private:
    /// The dot of a chart's id at which a chart and a dimension may end and begin whose lines have
    /// the name of its record; 0 where no line has it. Allocates.
    [[nodiscard]] std::size_t dot_in(std::string_view id, label_list labels,
                                     std::string_view record_name) const {
        std::string name;
        std::string same_labels;
        for (std::size_t dot = id.find('.', 1); dot < id.size() - 1; dot = id.find('.', dot + 1)) {
            if (!names_.set(id.substr(0, dot), id.substr(dot + 1), labels, name, same_labels) &&
                name == record_name) {
                return dot;
            }
        }
        return 0;
    }
    /// The buckets of a record, with one for the values above.
    static std::size_t size_of(const distribution_shape& shape, int coarser) noexcept {
        const int last = shape.first_index + static_cast<int>(shape.buckets);
        return static_cast<std::size_t>((last >> coarser) - (shape.first_index >> coarser) + 1);
    }

    /// Those above are in one more bucket, which begins where the last one ends.
    static histogram_point point_of(const distribution_window& of, const distribution_shape& shape,
                                    std::uint64_t* counts, int coarser) noexcept {
        histogram_point point;
        point.count = of.count();
        of.sum_to([&](auto sum) noexcept { point.sum = static_cast<double>(sum); });
        std::size_t first = 0;
        std::size_t end = shape.buckets + 1;
        while (end != 0 && counts[end - 1] == 0) {
            --end;
        }
        while (first < end && counts[first] == 0) {
            ++first;
        }
        point.below = of.below;
        point.threshold = of.lower_bound(0);
        point.greatest = of.greatest;
        const double bound = of.lower_bound(first);
        point.least = of.below == 0 && bound > of.least ? bound : of.least;
        point.scale = shape.scale - coarser;
        point.first = (shape.first_index + static_cast<int>(first)) >> coarser;
        std::size_t made = end - first;
        if (coarser != 0) {
            made = merge(shape, counts, first, end, coarser);
        }
        point.buckets = {counts + first, made};
        return point;
    }
    /// Neighbours become one bucket, in place. Returns how many there are from `first` on.
    static std::size_t merge(const distribution_shape& shape, std::uint64_t* counts,
                             std::size_t first, std::size_t end, int coarser) noexcept {
        const auto index_of = [&](std::size_t i) noexcept {
            return (shape.first_index + static_cast<int>(i)) >> coarser;
        };
        std::size_t made = 0;
        for (std::size_t i = first; i < end; ++i) {
            const std::uint64_t n = counts[i];
            const auto to = static_cast<std::size_t>(index_of(i) - index_of(first));
            if (to == made) {
                counts[first + made++] = n;
            } else {
                counts[first + to] += n;
            }
        }
        return made;
    }

    texts_maker names_;
    std::size_t limit_;
    list<char> room_;  // for the longest record of all charts
    texts texts_;      // of the chart that comes next
    list<std::error_code> refusals_;
    list<std::size_t> dots_;
};

template <class Format, class Rule, class Quantiles>
    requires has_histograms<Format>
struct histogram_form<Format, Rule, Quantiles> {
    using type = histogram_records<Format, Rule>;
};
/// The histograms of a cycle.
template <class Format, class Rule, class Quantiles, class Chart>
using histograms_of =
    histogram_lines<typename histogram_form<Format, Rule, Quantiles>::type, Chart>;

}  // namespace backends::detail
