// SPDX-License-Identifier: BSL-1.0
//
// Where an exporter begins in each chart of a host with recorded samples: where another one ended,
// or where options::begin says.
#pragma once

#include <backends/core/extremes.hpp>
#include <backends/core/labels.hpp>
#include <backends/core/text_index.hpp>
#include <backends/core/time.hpp>
#include <backends/exporter/options.hpp>
#include <backends/source/position.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace backends::inline BACKENDS_ISA {

/// How far an exporter has come in each chart. Its successor over the same host begins there, with
/// any destination, names, format or source. A value; holds the ids and labels of the charts.
class chart_positions {
public:
    /// @param which  the chart itself, if known: another chart may have its id later
    /// @param read   what was read of its histograms, word by word
    void set(std::string_view id, chart_position at, const void* which = nullptr,
             label_list labels = {}, std::vector<std::uint64_t> read = {}) {
        const std::uint32_t known = number_of(id, labels);
        if (known != detail::text_index::nobody) {
            entries_[known].at = at;
            entries_[known].which = which;
            entries_[known].read = std::move(read);
            return;
        }
        index_.reserve_one();
        entries_.push_back(
            {std::string{id}, std::string{labels.packed()}, at, which, std::move(read)});
        index_.insert(hash_of(id, labels), static_cast<std::uint32_t>(entries_.size() - 1),
                      [](std::uint32_t) { return false; });
    }
    /// A chart without an entry was added later: nothing of it was exported.
    [[nodiscard]] chart_position of(std::string_view id, const void* which = nullptr,
                                    label_list labels = {}) const noexcept {
        const entry* const found = find(id, which, labels);
        return found != nullptr ? found->at : chart_position{};
    }
    /// Empty: nothing of its histograms was read, or nobody knows.
    [[nodiscard]] std::span<const std::uint64_t> read_of(std::string_view id,
                                                         const void* which = nullptr,
                                                         label_list labels = {}) const noexcept {
        const entry* const found = find(id, which, labels);
        return found != nullptr ? std::span{found->read} : std::span<const std::uint64_t>{};
    }
    /// The number of charts.
    [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

    /// The stamp of the newest cycle; the next cycle must not have it too.
    std::optional<unix_seconds> newest_stamp = {};

private:
    struct entry {
        std::string id;
        std::string labels;  // packed
        chart_position at;
        const void* which;
        std::vector<std::uint64_t> read;
    };

    static std::uint32_t hash_of(std::string_view id, label_list labels) noexcept {
        return labels.empty() ? detail::hash_bytes(id)
                              : detail::hash_bytes(id) ^ detail::hash_bytes(labels.packed());
    }
    [[nodiscard]] std::uint32_t number_of(std::string_view id, label_list labels) const noexcept {
        return index_.number_of(hash_of(id, labels), [&](std::uint32_t n) {
            return entries_[n].id == id && entries_[n].labels == labels.packed();
        });
    }
    [[nodiscard]] const entry* find(std::string_view id, const void* which,
                                    label_list labels) const noexcept {
        const std::uint32_t n = number_of(id, labels);
        const bool is_it =
            n != detail::text_index::nobody &&
            (which == nullptr || entries_[n].which == nullptr || entries_[n].which == which);
        return is_it ? &entries_[n] : nullptr;
    }

    std::vector<entry> entries_;
    detail::text_index index_;  // their numbers, by id and labels
};

namespace detail {

/// Where an exporter begins in a chart. Histograms without a reading begin with all that they have
/// counted where `at` says so, and with the next value elsewhere.
struct chart_begin {
    chart_begin() = default;
    chart_begin(chart_position from) noexcept  // NOLINT(google-explicit-constructor)
        : at{from} {}
    chart_begin(chart_position from, std::span<const std::uint64_t> of) noexcept
        : at{from}, read{of} {}

    chart_position at;
    std::span<const std::uint64_t> read = {};
};

/// A type-erased reference to begin(chart), noexcept: functions that take it are compiled once.
template <class Chart>
class begin_ref {
public:
    /// Begins with everything that is kept.
    begin_ref() noexcept
        : call_{[](const void*, const Chart&) noexcept { return chart_begin{}; }} {}
    template <class Begin>
        requires std::is_nothrow_invocable_r_v<chart_begin, const Begin&, const Chart&>
    begin_ref(const Begin& begin) noexcept  // NOLINT(google-explicit-constructor)
        : begin_{&begin}, call_{[](const void* of, const Chart& one) noexcept -> chart_begin {
              return (*static_cast<const Begin*>(of))(one);
          }} {}

    [[nodiscard]] chart_begin operator()(const Chart& one) const noexcept {
        return call_(begin_, one);
    }

private:
    const void* begin_ = nullptr;
    chart_begin (*call_)(const void* begin, const Chart& one) noexcept;
};

/// The position by options::begin, for charts that are older than the exporter.
template <class Host>
class beginning {
public:
    /// Cost: O(charts).
    beginning(const Host& from, const options& settings) noexcept
        : from_{settings.begin}, span_{settings.update_every} {
        from.each_chart([&](const auto& one) noexcept {
            if (const slot_range kept = one.recorded().kept; !kept.empty()) {
                newest_ = detail::larger(newest_, one.time_of(kept.end - 1));
            }
        });
    }

    template <class Chart>
    [[nodiscard]] chart_position operator()(const Chart& one) const noexcept {
        const slot_range kept = one.recorded().kept;
        if (from_ == begin_at::oldest || kept.empty()) {
            return {};
        }
        return {from_ == begin_at::now ? kept.end : newest_slots(one, newest_, span_),
                chart_position::uncounted};
    }

private:
    begin_at from_;
    seconds span_;
    unix_seconds newest_ = INT64_MIN;  // of all charts: an ended chart does not count
};

}  // namespace detail

}  // namespace backends
