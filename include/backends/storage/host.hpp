// SPDX-License-Identifier: BSL-1.0
//
// Storage: a host owns charts. Any thread may add and remove charts at any time, also while
// exporters walk them. Charts never move.
#pragma once

#include <backends/core/joined.hpp>
#include <backends/core/list.hpp>
#include <backends/core/raise.hpp>
#include <backends/fwd.hpp>
#include <backends/storage/chart.hpp>
#include <backends/storage/chart_follower.hpp>
#include <backends/storage/chart_registry.hpp>
#include <backends/storage/instrument_chart.hpp>
#include <backends/storage/observed_chart.hpp>
#include <backends/storage/sampler.hpp>
#include <backends/storage/struct_chart.hpp>
#include <backends/storage/wait_free.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <unistd.h>

namespace backends::inline BACKENDS_ISA {

namespace detail {
/// A machine's name without the DNS root's final dot; "localhost" if it is empty.
inline std::string name_or_localhost(std::string_view name) {
    name = name.substr(0, name.find_last_not_of('.') + 1);
    return string_of(name.empty() ? "localhost" : name);
}
}  // namespace detail

/// This machine's own name, or "localhost" if it has none.
inline std::string machine_name() {
    std::array<char, 256> name{};
    const bool is_known = ::gethostname(name.data(), name.size() - 1) == 0;
    return detail::name_or_localhost(is_known ? name.data() : "");
}

/// The owner of charts of one type.
template <class Cell, std::size_t Capacity, class Recording>
class basic_host {
public:
    using cell = Cell;
    using chart_type = basic_chart<Cell, Capacity, Recording>;
    template <chart_struct S>
    using struct_chart = backends::struct_chart<S, chart_type>;

    /// @param hostname  the host's name in lines; empty: the machine's name
    explicit basic_host(std::string hostname = {})
        : hostname_{hostname.empty() ? machine_name() : std::move(hostname)} {}
    basic_host(const basic_host&) = delete;
    basic_host& operator=(const basic_host&) = delete;
    ~basic_host() {
        sampler_->close();
        sampler_->leave();  // the last lease may end it
    }

    [[nodiscard]] const std::string& hostname() const noexcept { return hostname_; }

    /// Adds a chart whose dimensions are the members of a struct. Throws config_error for an id
    /// that a chart of equal labels has, and for whatever basic_chart refuses. The reference stays
    /// valid as long as the host, or until remove().
    template <chart_struct S>
    struct_chart<S>& add(const std::string& id, const chart_options& options = {}) {
        return charts_.template add<struct_chart<S>>(id, options);
    }

    /// Adds a chart with named dimensions that collect T: add<std::int64_t>("disk.io", {"read",
    /// "write"}, {.algorithm = incremental}).
    template <collectable T = double>
    chart_type& add(const std::string& id, std::initializer_list<new_dimension> dimensions,
                    const chart_options& options = {}) {
        return charts_.template add<chart_type>(id, options, std::vector<new_dimension>(dimensions),
                                                kind_of<T>);
    }
    /// Adds a chart with dimensions known only at run time.
    template <collectable T = double>
    chart_type& add(const std::string& id, std::span<const new_dimension> dimensions,
                    const chart_options& options = {}) {
        return charts_.template add<chart_type>(
            id, options, std::vector<new_dimension>(dimensions.begin(), dimensions.end()),
            kind_of<T>);
    }

    /// Adds the chart of a struct of instruments, or of one instrument, that any thread records
    /// into. It is sampled once a slot by the exporters of the host, and by sample(). Throws what
    /// add() throws. The reference stays valid as long as the host.
    template <instrument_struct S>
    S& instrument(const std::string& id, const chart_options& options = {}) {
        return sampler_->template add<S>(id, options);
    }
    /// The same for instruments that come and go: their chart ends, after its last samples, with
    /// the last copy of the lease, or with remove(). Some microseconds.
    template <instrument_struct S>
    [[nodiscard]] backends::lease<S> lease(const std::string& id,
                                           const chart_options& options = {}) {
        return sampler_->template make_lease<S>(id, options);
    }

    /// Adds the chart of a struct that `ask` gives, once a slot, in whatever samples the host: one
    /// call at a time, with none of recording into instruments kept waiting. What throws leaves a
    /// gap, which exporters count and tell as a refused row. Lasts as long as what is returned.
    ///
    /// `ask` must not add, remove or sample instruments or observed charts, nor let go of a last
    /// lease: it is called while these are locked. Throws what add() throws.
    template <class S = void, class Ask>
    observation<basic_host> observe(const std::string& id, Ask ask,
                                    const chart_options& options = {}) {
        using asked = std::invoke_result_t<Ask&>;
        using given = std::conditional_t<std::is_void_v<S>, asked, S>;
        static_assert(chart_struct<given> && std::is_convertible_v<asked, given>,
                      "backends: what is observed is a struct of numbers that the callback gives, "
                      "adapted with BOOST_HANA_ADAPT_STRUCT(type, members...)");
        return observed<struct_chart<given>>(id, std::move(ask), options);
    }
    /// The same with named dimensions; `ask` gives a row of them, as basic_chart::record takes it.
    template <collectable T = double, class Ask>
    observation<basic_host> observe(const std::string& id,
                                    std::initializer_list<new_dimension> dimensions, Ask ask,
                                    const chart_options& options = {}) {
        return observed<chart_type>(id, std::move(ask), options,
                                    std::vector<new_dimension>(dimensions), kind_of<T>);
    }

    /// Stores a row of each chart of instruments whose slot at `now` has none; whatever came since
    /// its last row is in it. Gives the time when the next slot begins, the greatest there is
    /// without such charts. Any thread; where there is an exporter it calls this.
    unix_seconds sample(unix_seconds now) const noexcept { return sampler_->sample(now); }
    /// The same at an end: where the slot at `now` was taken already, what has come since is the
    /// next one's.
    unix_seconds sample_rest(unix_seconds now) const noexcept { return sampler_->sample_rest(now); }

    // Only for the diagnostics.

    template <class S>
        requires(!instrument_struct<S>)
    auto& instrument(const std::string&, const chart_options& = {}) {
        static_assert(boost::hana::Struct<S>::value,
                      "backends: the members of this struct are not known: write "
                      "BOOST_HANA_ADAPT_STRUCT(type, members...) after it, outside of namespaces");
        static_assert(!boost::hana::Struct<S>::value || instrument_struct<S>,
                      "backends: every member of this struct is a counter, an up_down_counter, a "
                      "gauge, a peak, a least, a histogram, or another instrument");
        return detail::declared<S>();
    }
    template <class S, class Member = decltype(detail::first_uncollectable_member<S>())>
        requires(!chart_struct<S> && !collectable<S>)
    auto& add(const std::string&, const chart_options& = {}) {
        static_assert(boost::hana::Struct<S>::value,
                      "backends: the members of this struct are not known: write "
                      "BOOST_HANA_ADAPT_STRUCT(type, members...) after it, outside of namespaces");
        static_assert(
            !boost::hana::Struct<S>::value || detail::is_number<Member>,
            "backends: every member of a chart's struct is a number; Member, named here, is "
            "none: leave it out of BOOST_HANA_ADAPT_STRUCT");
        return detail::declared<chart_type>();
    }
    template <collectable T = double, class Names>
        requires(!std::convertible_to<const Names&, std::span<const new_dimension>>)
    auto& add(const std::string&, const Names&, const chart_options& = {}) {
        static_assert(std::convertible_to<const Names&, std::span<const new_dimension>>,
                      "backends: dimensions are a range of backends::new_dimension, which a name "
                      "makes: std::vector<backends::new_dimension>(names.begin(), names.end())");
        return detail::declared<chart_type>();
    }
    template <collectable T = double, class Id, class... Rest>
        requires(!std::convertible_to<const Id&, std::string>)
    auto& add(const Id&, std::initializer_list<new_dimension>, const Rest&...) {
        static_assert(std::convertible_to<const Id&, std::string>,
                      "backends: the id of a chart is a std::string: add(std::string{id}, ...)");
        return detail::declared<chart_type>();
    }
    template <collectable T = double, class Id, class... Rest>
        requires(!std::convertible_to<const Id&, std::string>)
    auto& add(const Id&, const Rest&...) {
        static_assert(std::convertible_to<const Id&, std::string>,
                      "backends: the id of a chart is a std::string: add(std::string{id}, ...)");
        return detail::declared<chart_type>();
    }

    /// Removes a chart: ends the reference that add() returned, as a delete would. Loses no sample:
    /// every current exporter of the host first exports the recorded samples, then the chart's
    /// memory is reused. The id is free at once.
    ///
    /// A thread that may still record, because it does not know of the removal, must hold the chart
    /// in a boost::intrusive_ptr made before. The chart stays, and is exported, until nobody holds
    /// it.
    ///
    /// Any thread. Throws config_error for a chart that the host does not have, or no longer, and
    /// for the chart of instrument(), which stays.
    void remove(const chart_type& removed) { sampler_->remove(removed); }
    /// Ends the chart of a lease before its last copy is gone. What was recorded before is in the
    /// last sample; the copies stay valid, but what they record nobody reads. Throws config_error
    /// for a lease whose chart is not, or no longer, the host's.
    template <class S>
    void remove(const backends::lease<S>& of) {
        if (!sampler_->remove(detail::lease_access::state(of))) {
            detail::refuse("chart", "", "the host has no chart of this lease");
        }
    }
    /// Only for the diagnostic.
    template <instrument_struct S>
    void remove(const S&) {
        static_assert(!instrument_struct<S>,
                      "backends: instruments of host.instrument() stay as long as the host; those "
                      "of host.lease() can be removed");
    }

    /// The chart of this id without labels, or nullptr. Any thread. The pointer is valid until
    /// somebody removes the chart.
    [[nodiscard]] chart_type* find(std::string_view id) noexcept { return charts_.find(id); }
    [[nodiscard]] const chart_type* find(std::string_view id) const noexcept {
        return charts_.find(id);
    }
    /// The number of charts. Any thread.
    [[nodiscard]] std::size_t size() const noexcept { return charts_.size(); }
    /// A chart, in the order of adding; the last chart takes a removed one's place. Any thread.
    /// Precondition: i < size(), and nobody removes that chart meanwhile.
    [[nodiscard]] chart_type& chart_at(std::size_t i) noexcept { return charts_[i]; }
    [[nodiscard]] const chart_type& chart_at(std::size_t i) const noexcept { return charts_[i]; }

    /// Calls visit(chart) for each chart. Any thread; `visit` must not add or remove charts.
    template <class Visit>
    void each_chart(Visit visit) const {
        charts_.each([&](const chart_type& one) { visit(one); });
    }

    /// For exporters: calls visit(number, id, times) for each family whose at() had no room so many
    /// times; number 0 is all those together that have ended. Any thread; `visit` must not make or
    /// end instruments.
    template <class Visit>
    void each_folding(Visit visit) const {
        static_cast<detail::lease_desk&>(*sampler_).each_folding(visit);
    }

    /// For exporters: sees the charts come and go.
    class follower : public detail::chart_registry<chart_type>::follower {
    public:
        void update(const basic_host& of, detail::list<const chart_type*>& arrived) {
            detail::chart_registry<chart_type>::follower::update(of.charts_, arrived);
        }
    };

private:
    friend detail::lease_access;
    friend observation<basic_host>;
    template <class Base, class Ask, class... Args>
    observation<basic_host> observed(const std::string& id, Ask ask, const chart_options& options,
                                     const Args&... args) {
        return {*this, sampler_->template add_observed<detail::observed_chart<Base, Ask>>(
                           id, options, &ask, args...)};
    }
    /// Of an observation.
    void end(chart_type& observed, void (*forget)(chart_type&) noexcept) noexcept {
        sampler_->end_observed(observed, [&](bool has_it) {
            forget(observed);
            intrusive_ptr_release(&observed);
            if (has_it) {
                charts_.remove(observed);
            }
        });
    }

    std::string hostname_;
    // Followers register here; const means only that the set of charts does not change.
    mutable detail::chart_registry<chart_type> charts_;
    detail::sampler<chart_type>* const sampler_ = new detail::sampler<chart_type>{charts_};
};

}  // namespace backends
