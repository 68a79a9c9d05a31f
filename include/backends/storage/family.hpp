// SPDX-License-Identifier: BSL-1.0
//
// Storage: a family, charts of one struct of instruments that differ in the values of their labels.
// Each is made when a thread first asks for it.
#pragma once

#include <backends/core/literal_text.hpp>
#include <backends/core/raise.hpp>
#include <backends/core/time.hpp>
#include <backends/storage/dimension_table.hpp>
#include <backends/storage/family_table.hpp>
#include <backends/storage/instrument_chart.hpp>
#include <backends/storage/label_value.hpp>
#include <backends/storage/lease.hpp>
#include <backends/storage/sampler.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <new>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace backends::inline BACKENDS_ISA {

/// The options of a family.
struct family_options {
    /// Combinations of values at a time, at most 2^28. Whatever comes beyond them is one more chart
    /// whose values are all `other`. 32 to 64 bytes each are taken at once.
    std::size_t most = 1'000;
    /// A chart that nobody held or asked for in so many seconds is removed, after its last samples,
    /// up to a sixteenth later; 0: never.
    seconds idle_after{0};
    /// Of each chart. Its labels, the same in all, come besides the family's.
    chart_options chart = {};
};

namespace detail {

template <class S>
struct family_block : family_series {
    alignas(kept_instruments<S>) unsigned char place[sizeof(kept_instruments<S>)];

    [[nodiscard]] kept_instruments<S>* kept() noexcept {
        return std::launder(reinterpret_cast<kept_instruments<S>*>(place));
    }
};

template <class S, class Chart>
inline constexpr family_kind kind_of_family{
    []() -> family_series* { return new family_block<S>; },
    [](family_series& one) noexcept { delete static_cast<family_block<S>*>(&one); },
    [](family_series& one) {
        auto& block = static_cast<family_block<S>&>(one);
        one.instruments = &(new (block.place) kept_instruments<S>)->instruments;
    },
    [](family_series& one) noexcept {
        static_cast<family_block<S>&>(one).kept()->~kept_instruments<S>();
    },
    [](family_series& one, const std::string& id, const chart_options& options) {
        static_cast<sampler<Chart>&>(*one.desk).template add_leased<S>(
            one, *static_cast<S*>(one.instruments), id, options);
    },
};

template <literal_text... Names>
consteval bool are_different() {
    const std::array<std::string_view, sizeof...(Names)> names{Names.text()...};
    for (std::size_t i = 0; i < names.size(); ++i) {
        for (std::size_t other = 0; other < i; ++other) {
            if (names[other] == names[i]) {
                return false;
            }
        }
    }
    return true;
}

}  // namespace detail

/// Thread-safe. The host, or the last lease, may end before it or after it.
///
/// @tparam S      a struct of instruments, or an instrument
/// @tparam Names  of the labels
template <instrument_struct S, literal_text... Names>
class family {
    static constexpr std::size_t labels = sizeof...(Names);
    static_assert(labels != 0,
                  "backends: a family has at least one label: family<stats, \"endpoint\">");
    static_assert((!Names.text().empty() && ...), "backends: a label of a family has no name");
    static_assert(detail::are_different<Names...>(),
                  "backends: two labels of a family have the same name");

public:
    /// Throws config_error for an id or options that no chart can have, and std::bad_alloc.
    template <class Host>
    family(Host& of, const std::string& id, const family_options& options = {})
        : table_{new detail::family_table{
              detail::lease_access::desk(of), detail::kind_of_family<S, typename Host::chart_type>,
              id, options.chart, checked(id, options), options.most, options.idle_after}} {}
    family(const family&) = delete;
    family& operator=(const family&) = delete;
    /// Lets go of its charts. Those that nobody holds end.
    ~family() { table_->close(); }

    /// The instruments of these values, texts or integers, one for each label: `by.at("/cart",
    /// 200)->requests.add()`. Any thread. About 20 ns and no lock once they were made; a thread
    /// that keeps the lease spares this. Makes their chart on first use, some microseconds, and
    /// throws what host.lease() throws. Beyond family_options::most it gives the one whose values
    /// are `other`, and counts that.
    template <class... Values>
    [[nodiscard]] lease<S> at(const Values&... values) {
        static_assert(sizeof...(Values) == labels,
                      "backends: a family's at() takes one value for each of its labels");
        static_assert((detail::label_text_or_integer<Values> && ...),
                      "backends: the value of a label is text or an integer");
        if constexpr (sizeof...(Values) == labels &&
                      (detail::label_text_or_integer<Values> && ...)) {
            const detail::label_value given[]{detail::label_value{values}...};
            detail::family_series& found = table_->at(given);
            return detail::lease_access::make(found, *static_cast<S*>(found.instruments));
        } else {
            return lease<S>{};
        }
    }

    /// How many times at() had no room for new values. Exporters tell it too. Any thread.
    [[nodiscard]] std::uint64_t folded() const noexcept { return table_->times_folded(); }
    /// The combinations of values that there are, the one of those without room left out.
    [[nodiscard]] std::size_t size() const noexcept { return table_->size(); }

private:
    static std::vector<std::string> checked(const std::string& id, const family_options& options) {
        std::vector<std::string> names{std::string{Names.text()}...};
        if (options.most > std::size_t{1} << 28U) {
            detail::refuse("family " + id + ", most", std::to_string(options.most),
                           "must be 0 to 268435456");
        }
        if (options.idle_after.value < 0) {
            detail::refuse("family " + id + ", idle_after",
                           std::to_string(options.idle_after.value), "must be 0 seconds or more");
        }
        std::vector<tag> all = options.chart.labels;
        for (const std::string& name : names) {
            all.emplace_back(name, "");
        }
        detail::check_chart(id, 1, options.chart);
        detail::check_labels(id, all);
        return names;
    }

    detail::family_table* const table_;
};

}  // namespace backends
