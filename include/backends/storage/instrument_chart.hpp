// SPDX-License-Identifier: BSL-1.0
//
// Storage: a struct of instruments is a chart whose dimensions are its members. Threads record into
// the members, and a sampler stores a row of what they have, once a slot.
#pragma once

#include <backends/instrument/distribution.hpp>
#include <backends/instrument/instrument.hpp>
#include <backends/storage/distributing_chart.hpp>
#include <backends/storage/lease.hpp>
#include <backends/storage/struct_chart.hpp>

#include <boost/hana/accessors.hpp>
#include <boost/hana/concept/struct.hpp>
#include <boost/hana/core/to.hpp>
#include <boost/hana/first.hpp>
#include <boost/hana/second.hpp>
#include <boost/hana/unpack.hpp>

#include <array>
#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace backends::inline BACKENDS_ISA {

namespace detail {

/// The first type that is not void; void where there is none.
template <class First, class... Rest>
struct first_cells {
    using type = First;
};
template <class Next, class... Rest>
struct first_cells<void, Next, Rest...> : first_cells<Next, Rest...> {};

/// The types of the members, and what they need together.
template <class... I>
struct instrument_list {
    static constexpr bool are_instruments = ((instrument<I> || distribution<I>) && ...);
    static constexpr std::size_t distributions = (std::size_t{0} + ... + (distribution<I> ? 1 : 0));
    static constexpr bool are_distributions = distributions == sizeof...(I);
    static constexpr std::size_t words = (std::size_t{0} + ... + cells_of<I>::words);
    using cells = typename first_cells<void, typename cells_of<I>::type...>::type;
    static constexpr bool share_one_kind = ((std::is_void_v<typename cells_of<I>::type> ||
                                             std::is_same_v<typename cells_of<I>::type, cells>) &&
                                            ...);
};

template <class S>
struct instruments_of {
    using list = instrument_list<S>;
};
template <class S>
    requires boost::hana::Struct<S>::value
struct instruments_of<S> {
    using list = decltype(boost::hana::unpack(boost::hana::accessors<S>(), [](auto... member) {
        return instrument_list<member_type<S, decltype(member)>...>{};
    }));
};

/// For a distribution, which has no sample.
struct no_sample {};

/// For instruments that count nothing in cells.
struct no_cells {
    explicit no_cells(std::size_t /*words*/) noexcept {}
};

/// Stands first in its chart, so that a reference to the instruments leads to it.
template <class S>
struct kept_instruments {
    using list = typename instruments_of<S>::list;
    using cells_type =
        std::conditional_t<std::is_void_v<typename list::cells>, no_cells, typename list::cells>;

    kept_instruments() : instruments{made(cell_place<cells_type>{cells})} {}

    // The instruments hold references to the cells: these are made first, and go last.
    cells_type cells{list::words};
    S instruments;

private:
    template <class I>
    static I one(cell_place<cells_type>& at) {
        if constexpr (std::is_void_v<typename cells_of<I>::type>) {
            return I{};
        } else {
            return I(at);
        }
    }
    static S made(cell_place<cells_type> at) {
        if constexpr (!boost::hana::Struct<S>::value) {
            return one<S>(at);
        } else {
            return boost::hana::unpack(boost::hana::accessors<S>(), [&at](auto... member) -> S {
                return S{one<member_type<S, decltype(member)>>(at)...};
            });
        }
    }
};

/// Where the instruments of a lease are.
template <class S>
struct lease_place {
    lease_state* state;
    S* instruments;
};
/// For the chart of a lease: they stay until its last exporter has read it.
template <class S>
struct leased_instruments {
    explicit leased_instruments(const lease_place<S>& at) noexcept
        : instruments{*at.instruments}, state{*at.state} {
        __atomic_fetch_add(&state.owners, 1U, __ATOMIC_RELAXED);
    }
    leased_instruments(const leased_instruments&) = delete;
    leased_instruments& operator=(const leased_instruments&) = delete;
    ~leased_instruments() { state.disown(); }

    S& instruments;
    lease_state& state;
};

}  // namespace detail

/// A struct whose members, adapted with BOOST_HANA_ADAPT_STRUCT in the order in which they are
/// declared, are all instruments, histograms among them; or one of these by itself.
template <class S>
concept instrument_struct = (boost::hana::Struct<S>::value || instrument<S> || distribution<S>) &&
                            detail::instruments_of<S>::list::are_instruments;

namespace detail {
template <class S, class Chart>
using base_of_instruments = std::conditional_t<instruments_of<S>::list::distributions != 0,
                                               distributing_chart<Chart>, Chart>;
}  // namespace detail

/// The chart of such a struct; of one instrument the dimension is `value`. What is read of it is a
/// chart's, see basic_chart; only the sampler records into it.
///
/// A counter's sample is what was counted since the last sample (algorithm `difference`), or
/// whatever chart_options::algorithm says if that is not `absolute`; its collected value is the
/// total. The other instruments are absolute, or a share of the row. A histogram is no dimension:
/// exporters read it by themselves. Where there is nothing else, the one dimension has gaps.
///
/// @tparam Kept  where the instruments are: in the chart, or those of a lease
template <instrument_struct S, class Chart = chart, class Kept = detail::kept_instruments<S>>
class instrument_chart : public detail::base_of_instruments<S, Chart>, private Kept {
    using base = detail::base_of_instruments<S, Chart>;
    using list = typename detail::instruments_of<S>::list;
    using kept = Kept;
    static_assert(list::share_one_kind,
                  "backends: the instruments of a struct count in one kind of cells");

public:
    /// Throws config_error like basic_chart, and std::bad_alloc.
    instrument_chart(const std::string& id, const chart_options& options,
                     row_tiles<typename Chart::word>* rows = nullptr)
        : base{id, dimensions(options), value_kind::floating, options, rows} {
        have_distributions();
    }
    /// The chart of a lease. Throws the same.
    instrument_chart(const std::string& id, const detail::lease_place<S>& place,
                     const chart_options& options, row_tiles<typename Chart::word>* rows)
        : base{id, dimensions(options), value_kind::floating, options, rows}, Kept{place} {
        have_distributions();
    }

    [[nodiscard]] S& instruments() noexcept { return kept::instruments; }

    /// Stores what the instruments have, at the slot nearest to `at`. What the chart refuses is in
    /// the next sample. One thread at a time.
    void take(unix_seconds at) noexcept {
        if constexpr (!boost::hana::Struct<S>::value) {
            take_members(at, instruments());
        } else {
            boost::hana::unpack(boost::hana::accessors<S>(), [&](auto... member) {
                take_members(at, boost::hana::second(member)(instruments())...);
            });
        }
    }

private:
    void have_distributions() noexcept {
        if constexpr (list::distributions != 0) {
            each_member([this, n = std::size_t{0}](const char* name, const auto& one) mutable {
                if constexpr (distribution<std::remove_cvref_t<decltype(one)>>) {
                    readers_[n++] = detail::reader_of(name, one);
                }
            });
            this->have({readers_.data(), readers_.size(), list::are_distributions});
        }
    }

    /// Calls visit(name, member) for each; one by itself has no name.
    template <class Visit>
    void each_member(Visit visit) {
        if constexpr (!boost::hana::Struct<S>::value) {
            visit("", instruments());
        } else {
            boost::hana::unpack(boost::hana::accessors<S>(), [&](auto... member) {
                (visit(boost::hana::to<const char*>(boost::hana::first(member)),
                       boost::hana::second(member)(instruments())),
                 ...);
            });
        }
    }

    template <class I>
    static auto sample_of(I& one) noexcept {
        if constexpr (distribution<I>) {
            return detail::no_sample{};
        } else {
            return one.sample();
        }
    }
    template <class... I>
    void take_members(unix_seconds at, I&... one) noexcept {
        [[maybe_unused]] const auto guard = this->policy_.recording();
        const auto store = [&](const auto&... samples) noexcept {
            std::size_t i = 0;
            (hold_one(i, samples), ...);
            if (!this->commit_held(at)) {
                (give_back(one, samples), ...);
            }
        };
        store(sample_of(one)...);
    }
    template <class Sample>
    void hold_one(std::size_t& i, const Sample& sample) noexcept {
        if constexpr (!std::is_same_v<Sample, detail::no_sample>) {
            if (sample.exists) {
                this->hold(i, sample.value);
            }
            ++i;
        }
    }
    template <class I, class Sample>
    static void give_back(I& one, const Sample& sample) noexcept {
        if constexpr (requires { one.take_back(sample); }) {
            one.take_back(sample);
        }
    }

    template <class I>
    static new_dimension dimension_of(const char* name, algorithm wanted) {
        const bool is_rate = wanted == incremental || wanted == percentage_of_incremental_row;
        if (I::is_monotonic) {
            wanted = wanted == absolute ? difference : wanted;
        } else if (is_rate || wanted == difference) {
            wanted = absolute;
        }
        return {name, {.algorithm = wanted, .kind = kind_of<detail::sample_type<I>>}};
    }
    template <class I>
    static void add_dimension(std::vector<new_dimension>& all, const char* name, algorithm wanted) {
        if constexpr (!distribution<I>) {
            all.push_back(dimension_of<I>(name, wanted));
        } else if constexpr (list::are_distributions) {
            if (all.empty()) {
                all.push_back({name, {.algorithm = absolute}});  // a chart has a dimension
            }
        }
    }
    static std::vector<new_dimension> dimensions(const chart_options& options) {
        std::vector<new_dimension> all;
        if constexpr (!boost::hana::Struct<S>::value) {
            add_dimension<S>(all, "value", options.algorithm);
        } else {
            boost::hana::unpack(boost::hana::accessors<S>(), [&](auto... member) {
                (add_dimension<detail::member_type<S, decltype(member)>>(
                     all, boost::hana::to<const char*>(boost::hana::first(member)),
                     options.algorithm),
                 ...);
            });
        }
        return all;
    }

    std::array<detail::distribution_reader, list::distributions> readers_;
};

}  // namespace backends
