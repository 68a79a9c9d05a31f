// SPDX-License-Identifier: BSL-1.0
//
// Storage: a chart, a set of dimensions sampled together. It collects values, applies each
// dimension's algorithm, and keeps the samples in its history.
#pragma once

#include <backends/cell/cell.hpp>
#include <backends/cell/double_cell.hpp>
#include <backends/core/braced_number.hpp>
#include <backends/fwd.hpp>
#include <backends/hardware/prefetch.hpp>
#include <backends/storage/algorithms.hpp>
#include <backends/storage/chart_options.hpp>
#include <backends/storage/dimension_table.hpp>
#include <backends/storage/history.hpp>
#include <backends/storage/pending_row.hpp>
#include <backends/storage/plain_row.hpp>
#include <backends/storage/row.hpp>
#include <backends/storage/wait_free.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace backends::inline BACKENDS_ISA {

/// A chart with dimensions named at run time. Recording is noexcept and allocates nothing. The
/// recording policy defines which threads may record and read at once.
///
/// @tparam Cell       how the chart keeps a sample
/// @tparam Capacity   slots in the ring, or dynamic_capacity: chart_options::entries
/// @tparam Recording  how recorders and readers share the chart
template <class Cell, std::size_t Capacity, class Recording>
class basic_chart : public history<Cell, Capacity, Recording> {
    using past = history<Cell, Capacity, Recording>;

public:
    using typename past::word;

    /// `kind`: the default for dimensions without a kind. `rows`: provides the samples' memory and
    /// must outlive the chart; nullptr: the chart allocates its own. Throws config_error that names
    /// the chart and the value: no id, no dimension, a dimension twice, an option out of range.
    basic_chart(const std::string& id, const std::vector<new_dimension>& dimensions,
                value_kind kind, const chart_options& options, row_tiles<word>* rows = nullptr)
        : basic_chart{detail::dimension_table{id, dimensions, kind,
                                              detail::of_capacity<Capacity>(id, options)},
                      options, rows} {}

    /// Valid as long as the chart.
    [[nodiscard]] std::string_view id() const noexcept { return dimensions_.chart_id(); }
    /// chart_options::labels in the order of their names.
    [[nodiscard]] label_list labels() const noexcept { return dimensions_.labels(); }
    /// Precondition: i < width().
    [[nodiscard]] backends::dimension dimension(std::size_t i) const noexcept {
        return dimensions_.described(i);
    }

    /// Stores one row per slot, one value per dimension, at the slot nearest to `at`. Skipped slots
    /// become gaps (none after a jump over more than half of the ring), and so do dimensions that a
    /// shorter row does not cover. Refuses a second row in a slot, a late row
    /// (chart_options::allowed_lateness) and a jump to more than a day ahead of the system's clock:
    /// returns false, counts it, stores nothing. A time further back means that the clock was set:
    /// the row gets the next slot. Cost: about 1 ns per value if every dimension is absolute with
    /// factors of 1.
    template <collectable_row Row>
    [[nodiscard]] bool record(unix_seconds at, const Row& row) noexcept {
        using value = detail::element_of<Row>;
        const std::size_t given = detail::size_of_row(row, this->width());
        if (is_plain_ && is_uniform_ && kind_ == kind_of<value> && given == this->width())
            [[likely]] {
            return record_plain(at, [&row, given](auto& out) {
                for (std::size_t i = 0; i < given; ++i) {
                    out.put(i, row[i]);
                }
            });
        }
        [[maybe_unused]] const auto guard = this->policy_.recording();
        pending_.forget(this->collected_.is_set(), this->width());
        for (std::size_t i = 0; i < given; ++i) {
            hold(i, row[i]);
        }
        return commit_held(at);
    }
    template <collectable T>
    [[nodiscard]] bool record(unix_seconds at, std::initializer_list<T> row) noexcept {
        return record(at, detail::listed_row<T>{row});
    }
    [[nodiscard]] bool record(unix_seconds at,
                              std::initializer_list<detail::braced_number> row) noexcept {
        return record(at, detail::listed_row<detail::braced_number>{row});
    }

    /// Records at the system clock's time, for some 20 ns more. Tolerates half a second of jitter.
    template <collectable_row Row>
    [[nodiscard]] bool record(const Row& row) noexcept {
        return record(this->now(), row);
    }
    template <collectable T>
    [[nodiscard]] bool record(std::initializer_list<T> row) noexcept {
        return record(this->now(), row);
    }
    [[nodiscard]] bool record(std::initializer_list<detail::braced_number> row) noexcept {
        return record(this->now(), row);
    }

    // Only for the diagnostics.
    template <class Row>
        requires(!collectable_row<Row>)
    auto record(const Row&) {
        static_assert(collectable_row<Row>,
                      "backends: a row is a number for each dimension, in braces: record({value})");
        return false;
    }
    template <class Row>
        requires(!collectable_row<Row>)
    auto record(unix_seconds, const Row&) {
        static_assert(collectable_row<Row>,
                      "backends: a row is a number for each dimension, in braces: record({value})");
        return false;
    }
    template <class Time, class Row = std::initializer_list<double>>
        requires(!std::convertible_to<const Time&, unix_seconds>)
    auto record(const Time&, const Row&) {
        static_assert(std::convertible_to<const Time&, unix_seconds>,
                      "backends: a time is Unix seconds, of a std::chrono::time_point: "
                      "record(std::chrono::system_clock::to_time_t(time), row)");
        return false;
    }

    /// Stages a value for the next commit(); a record() in between discards it. From the first
    /// set() to its commit() one thread has the chart for itself, whatever the policy.
    /// Precondition: i < width().
    template <collectable T>
    void set(std::size_t i, T value) noexcept {
        [[maybe_unused]] const auto guard = this->policy_.recording();
        hold(i, value);
    }
    /// Stores the staged values, or discards them, and returns what record() returns. Other
    /// dimensions are gaps in this slot and keep their earlier collected value and its time.
    [[nodiscard]] bool commit(unix_seconds at) noexcept {
        [[maybe_unused]] const auto guard = this->policy_.recording();
        return commit_held(at);
    }

    /// The last collected value of a dimension and its own time. `present` is false if there is
    /// none, or if the recorder replaced it faster than a reader could copy it.
    [[nodiscard]] collected_value collected(std::size_t i) const noexcept {
        [[maybe_unused]] const auto guard = this->policy_.reading();
        std::uint64_t bits = 0;
        const collected_run one = located(this->collected_.read(i, 1, &bits));
        return {collected_kind(i), bits, one.at, one.present()};
    }

    /// Prefetches all that readers need besides rows and collected values.
    void prefetch_chart() const noexcept {
        const auto* const rest = reinterpret_cast<const char*>(&dimensions_);
        detail::prefetch(this,
                         static_cast<std::size_t>(rest - reinterpret_cast<const char*>(this)));
    }

    /// The kind of a dimension's collected values. Precondition: i < width().
    [[nodiscard]] value_kind collected_kind(std::size_t i) const noexcept {
        return is_uniform_ ? kind_ : dimensions_[i].kind;
    }
    /// Copies the last values of dimensions [first, first + n), where n <= `most` is the longest
    /// run that has one kind and one collection time. They are std::int64_t, std::uint64_t or
    /// double, by collected_kind(first). Preconditions: first < width(), most > 0.
    [[nodiscard]] collected_run collected_together(std::size_t first, std::size_t most,
                                                   void* values) const noexcept {
        [[maybe_unused]] const auto guard = this->policy_.reading();
        const std::size_t left = this->width() - first;
        const std::size_t n = most < left ? most : left;
        return located(this->collected_.read(
            first, is_uniform_ ? n : dimensions_.of_one_kind(first, n), values));
    }

protected:
    /// True if every sample is the collected value itself.
    [[nodiscard]] bool is_plain() const noexcept { return is_plain_; }

    /// Stores the row that fill(plain_row&) puts, every column once. Precondition: is_plain().
    template <class Fill>
    bool record_plain(unix_seconds at, Fill fill) noexcept {
        [[maybe_unused]] const auto guard = this->policy_.recording();
        pending_.forget(this->collected_.is_set(), this->width());
        word* const cells = this->open(at);
        if (cells == nullptr) [[unlikely]] {
            return false;
        }
        detail::plain_row<Cell, Recording> row{cells, this->collected_.open()};
        fill(row);
        if (row.saturated() != 0) [[unlikely]] {
            this->count(store_outcome::saturated, row.saturated());
        }
        if (row.missing() != 0) [[unlikely]] {
            this->count(store_outcome::not_finite, row.missing());
            for (std::size_t i = 0; i < this->width(); ++i) {
                pending_.mark(this->collected_.is_set()[i],
                              Cell::exists(Recording::load(cells[i])));
            }
        }
        this->stamp(at, row.missing() != 0 ? this->collected_.is_set() : nullptr);
        pending_.forget(this->collected_.is_set(), this->width());
        this->publish(this->width() - row.missing());
        return true;
    }

    /// Stages a value in its dimension's kind. Precondition: the caller holds a guard.
    template <collectable T>
    void hold(std::size_t i, T value) noexcept {
        pending_.template set<Recording>(this->collected_.is_set()[i], this->collected_.open()[i],
                                         value, dimensions_[i].kind);
    }

    /// Stores the staged values. Precondition: the caller holds a guard.
    bool commit_held(unix_seconds at) noexcept {
        word* const cells = this->open(at);
        if (cells == nullptr) {
            pending_.forget(this->collected_.is_set(), this->width());
            return false;
        }
        // Local copies: to the compiler, a store into the ring may change the members.
        const std::size_t width = this->width();
        const std::uint8_t* const is_set = this->collected_.is_set();
        const detail::conversion* const how = &dimensions_[0];
        const std::uint64_t* const bits = this->collected_.open();
        const auto earlier = this->collected_.last();
        const auto row = has_percentages_ ? pending_.total(dimensions_, is_set, bits, earlier)
                                          : detail::pending_row::totals{};
        std::size_t samples = 0;
        bool is_complete = true;
        for (std::size_t i = 0; i < width; ++i) {
            word stored = Cell::gap;
            if (is_set[i] != 0) {
                stored = keep(detail::pending_row::convert(i, bits[i], how[i], at, earlier, row));
            } else {
                is_complete = false;
            }
            Recording::store(cells[i], stored);
            samples += static_cast<std::size_t>(Cell::exists(stored));
        }
        this->stamp(at, is_complete ? nullptr : is_set);
        if (pending_.not_finite() != 0) {
            this->count(store_outcome::not_finite, pending_.not_finite());
        }
        pending_.forget(this->collected_.is_set(), this->width());
        this->publish(samples);
        return true;
    }

private:
    basic_chart(detail::dimension_table&& dimensions, const chart_options& options,
                row_tiles<word>* rows)
        : past{dimensions.size(), options, rows},
          kind_{dimensions[0].kind},
          dimensions_{std::move(dimensions)} {
        for (std::size_t i = 0; i < this->width(); ++i) {
            const detail::conversion& d = dimensions_[i];
            is_plain_ = is_plain_ && detail::is_plain(d);
            is_uniform_ = is_uniform_ && d.kind == kind_;
            has_percentages_ = has_percentages_ || detail::is_percentage(d);
        }
    }

    /// Adds the collection's time and slot, by the clock of that time.
    [[nodiscard]] collected_run located(const detail::copied_run& run) const noexcept {
        if (!run.present()) {
            return {run.size};
        }
        const slot_stretch then = this->times_.collected(run.row.first, run.row.at, run.age);
        return {run.size, then.at, then.first};
    }

    [[nodiscard]] word keep(detail::pending_row::sample sample) noexcept {
        if (!sample.exists) {
            return Cell::gap;
        }
        const auto stored = Cell::store(sample.value, sample.was_reset);
        if (stored.outcome != store_outcome::kept) [[unlikely]] {
            this->count(stored.outcome);
        }
        return stored.word;
    }

    value_kind kind_;
    bool is_plain_ = true;
    bool is_uniform_ = true;
    bool has_percentages_ = false;
    detail::dimension_table dimensions_;
    detail::pending_row pending_;
};

}  // namespace backends
