// SPDX-License-Identifier: BSL-1.0
//
// Storage: a chart's registration, checked once before anything is recorded. It is compact: 24
// bytes per dimension, the text of its id, and the labels. Every error is a config_error that names
// the chart and the value.
#pragma once

#include <backends/cell/cell.hpp>
#include <backends/core/fixed_array.hpp>
#include <backends/core/joined.hpp>
#include <backends/core/labels.hpp>
#include <backends/core/raise.hpp>
#include <backends/core/text_index.hpp>
#include <backends/storage/chart_options.hpp>
#include <backends/storage/ring.hpp>
#include <backends/storage/slots.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <string>
#include <string_view>
#include <vector>

namespace backends::inline BACKENDS_ISA::detail {

/// How a dimension converts its values.
struct conversion {
    std::int64_t multiplier = 1;
    std::int64_t divisor = 1;
    std::uint32_t id_end = 0;  ///< the end of its id in the text of all ids
    backends::algorithm algorithm = absolute;
    value_kind kind = value_kind::floating;
    bool has_factors = false;  ///< the factors are not both 1
};

inline void check_chart(const std::string& id, std::size_t width, const chart_options& options) {
    constexpr std::int64_t longest_step = std::int64_t{1} << 32;
    const std::string key = joined({"chart ", id});
    if (id.empty()) {
        refuse("chart", id, "a chart needs an id");
    }
    if (width == 0) {
        refuse(key, "", "a chart needs a dimension");
    }
    if (options.update_every.value < 1 || options.update_every.value > longest_step) {
        refuse(joined({key, ", update_every"}), number_text(options.update_every.value),
               "must be 1 to 4294967296 seconds");
    }
    if (options.allowed_lateness &&
        (options.allowed_lateness->value < 0 || options.allowed_lateness->value > longest_step)) {
        refuse(joined({key, ", allowed_lateness"}), number_text(options.allowed_lateness->value),
               "must be 0 to 4294967296 seconds");
    }
    if (options.entries == 0 || options.entries > max_slots) {
        refuse(joined({key, ", entries"}), number_text(*options.entries),
               joined({"must be 1 to ", number_text(max_slots), " slots"}));
    }
}

/// Throws config_error for labels that no chart can have.
inline void check_labels(const std::string& id, const std::vector<tag>& labels) {
    for (std::size_t i = 0; i < labels.size(); ++i) {
        const tag& one = labels[i];
        if (one.name.empty()) {
            refuse(joined({"chart ", id, ", labels"}), joined({"=", one.value}),
                   "a label needs a name");
        }
        for (std::size_t other = 0; other < i; ++other) {
            if (labels[other].name == one.name) {
                refuse(joined({"chart ", id, ", labels"}), one.name, "the chart has it twice");
            }
        }
    }
}

/// Returns `options` unless their entries contradict the chart's type. Throws config_error.
template <std::size_t Capacity>
const chart_options& of_capacity(const std::string& id, const chart_options& options) {
    const std::size_t wanted = options.entries.value_or(Capacity);
    const bool is_number_of_slots = wanted != 0 && wanted <= max_slots;  // or else refused anyway
    if (Capacity != dynamic_capacity && is_number_of_slots && wanted != Capacity) {
        refuse(joined({"chart ", id, ", entries"}), number_text(wanted),
               joined({"the chart's type has ", number_text(Capacity),
                       " slots; basic_host<Cell, dynamic_capacity> takes entries"}));
    }
    return options;
}

/// The ids of a chart and of its dimensions, and their conversions. The chart's options are the
/// defaults.
class dimension_table {
public:
    dimension_table(const std::string& chart, const std::vector<new_dimension>& wanted,
                    value_kind kind, const chart_options& options)
        : dimension_table{chart, wanted, kind, options, pack(options.labels)} {}

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::string_view chart_id() const noexcept { return {ids(), chart_end_}; }
    [[nodiscard]] label_list labels() const noexcept {
        if (!has_labels_) {
            return {};
        }
        const char* const at = ids() + (*this)[size() - 1].id_end;
        std::uint32_t bytes = 0;
        std::memcpy(&bytes, at, sizeof bytes);
        return label_list{{at + sizeof bytes, bytes}};
    }
    [[nodiscard]] const conversion& operator[](std::size_t i) const noexcept {
        return conversions()[i];
    }
    /// The length of the run from `first` on that has one kind, at most `most`. Precondition: most
    /// > 0.
    [[nodiscard]] std::size_t of_one_kind(std::size_t first, std::size_t most) const noexcept {
        std::size_t n = 1;
        while (n < most && (*this)[first + n].kind == (*this)[first].kind) {
            ++n;
        }
        return n;
    }
    /// A dimension in the user's terms. Precondition: i < size().
    [[nodiscard]] dimension described(std::size_t i) const noexcept {
        const conversion& c = (*this)[i];
        const std::uint32_t begin = i == 0 ? chart_end_ : (*this)[i - 1].id_end;
        return {{ids() + begin, c.id_end - begin}, c.multiplier, c.divisor, c.algorithm, c.kind};
    }

private:
    dimension_table(const std::string& chart, const std::vector<new_dimension>& wanted,
                    value_kind kind, const chart_options& options, const std::string& labels)
        : all_{checked(chart, wanted, options) * sizeof(conversion) + length_of(chart, wanted) +
               (labels.empty() ? 0 : sizeof(std::uint32_t) + labels.size())},
          size_{static_cast<std::uint32_t>(wanted.size()) & (UINT32_MAX >> 1U)},
          has_labels_{!labels.empty()},
          chart_end_{static_cast<std::uint32_t>(chart.size())} {
        unsigned char* const ids = all_.data() + size_ * sizeof(conversion);
        std::memcpy(ids, chart.data(), chart.size());
        std::uint32_t end = chart_end_;
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            const auto& [id, own] = wanted[i];
            std::memcpy(ids + end, id.data(), id.size());
            end += static_cast<std::uint32_t>(id.size());
            conversion& added = *new (all_.data() + i * sizeof(conversion)) conversion{
                own.multiplier.value_or(options.multiplier), own.divisor.value_or(options.divisor),
                end, own.algorithm.value_or(options.algorithm), own.kind.value_or(kind)};
            added.has_factors = added.multiplier != 1 || added.divisor != 1;
        }
        if (has_labels_) {
            const auto bytes = static_cast<std::uint32_t>(labels.size());
            std::memcpy(ids + end, &bytes, sizeof bytes);
            std::memcpy(ids + end + sizeof bytes, labels.data(), labels.size());
        }
    }

    /// Returns the number of dimensions.
    static std::size_t checked(const std::string& chart, const std::vector<new_dimension>& wanted,
                               const chart_options& options) {
        check_chart(chart, wanted.size(), options);
        check_labels(chart, options.labels);
        const std::string key = joined({"chart ", chart, ", dimension"});
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            const new_dimension& one = wanted[i];
            if (one.id.empty()) {
                refuse(key, one.id, "a dimension needs an id");
            }
            if (one.options.divisor.value_or(options.divisor) == 0) {
                refuse(key, one.id, "its divisor is 0");
            }
        }
        const std::size_t repeated = first_repeated(
            wanted.size(), [&](std::size_t i) { return std::string_view{wanted[i].id}; });
        if (repeated != wanted.size()) {
            refuse(key, wanted[repeated].id, "the chart has it twice");
        }
        if (length_of(chart, wanted) > UINT32_MAX) {
            refuse(key, "", "the ids of a chart are at most 4 GiB in all");
        }
        return wanted.size();
    }
    static std::size_t length_of(const std::string& chart,
                                 const std::vector<new_dimension>& wanted) noexcept {
        std::size_t length = chart.size();
        for (const new_dimension& one : wanted) {
            length += one.id.size();
        }
        return length;
    }

    [[nodiscard]] const conversion* conversions() const noexcept {
        return reinterpret_cast<const conversion*>(all_.data());
    }
    /// The chart's id, then its dimensions' ids, then its labels with their length, if any.
    [[nodiscard]] const char* ids() const noexcept {
        return reinterpret_cast<const char*>(all_.data()) + size_ * sizeof(conversion);
    }

    fixed_array<unsigned char> all_;  // conversions and ids in one allocation
    std::uint32_t size_ : 31;
    bool has_labels_ : 1;
    std::uint32_t chart_end_;
};

}  // namespace backends::detail
