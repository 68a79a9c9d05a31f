// SPDX-License-Identifier: BSL-1.0
//
// Storage: a struct is a chart. The dimensions are the members of a struct adapted for Boost.Hana.
// Their names, number and types are known at compile time, and a record stores one row. Adapting
// needs <boost/hana/adapt_struct.hpp> (20 MB of compiler memory; a file that only uses charts does
// not need it).
#pragma once

#include <backends/storage/chart.hpp>

#include <boost/hana/accessors.hpp>
#include <boost/hana/concept/struct.hpp>
#include <boost/hana/core/to.hpp>
#include <boost/hana/first.hpp>
#include <boost/hana/second.hpp>
#include <boost/hana/unpack.hpp>

#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace backends::inline BACKENDS_ISA {

namespace detail {
template <class S, class Member>
using member_type = std::remove_cvref_t<decltype(boost::hana::second(std::declval<Member>())(
    std::declval<const S&>()))>;

template <class S>
inline constexpr bool has_collectable_members =
    decltype(boost::hana::unpack(boost::hana::accessors<S>(), [](auto... member) {
        return std::bool_constant<(collectable<member_type<S, decltype(member)>> && ...)>{};
    }))::value;
struct no_member {};
/// The name of the first member that is not a number, as a Hana string for a diagnostic.
template <class S>
constexpr auto first_uncollectable_member() {
    if constexpr (boost::hana::Struct<S>::value) {
        return boost::hana::unpack(boost::hana::accessors<S>(), [](auto... member) {
            constexpr auto pick = [](auto self, auto first, auto... rest) {
                if constexpr (!collectable<member_type<S, decltype(first)>>) {
                    return boost::hana::first(first);
                } else if constexpr (sizeof...(rest) != 0) {
                    return self(self, rest...);
                } else {
                    return no_member{};
                }
            };
            return pick(pick, member...);
        });
    } else {
        return no_member{};
    }
}
template <class Member>
inline constexpr bool is_number = std::is_same_v<Member, no_member>;

/// The result of a function that does not compile.
template <class T>
T& declared() noexcept;
}  // namespace detail

/// A struct with only numbers as members, adapted with BOOST_HANA_ADAPT_STRUCT or defined with
/// BOOST_HANA_DEFINE_STRUCT.
template <class S>
concept chart_struct = boost::hana::Struct<S>::value && detail::has_collectable_members<S>;

/// The chart of a struct. See basic_chart for everything but record().
template <chart_struct S, class Chart = chart>
class struct_chart : public Chart {
public:
    /// Throws config_error like basic_chart.
    struct_chart(const std::string& id, const chart_options& options,
                 row_tiles<typename Chart::word>* rows = nullptr)
        : Chart{id, dimensions(), value_kind::floating, options, rows} {}

    /// Stores one row per slot: the members of `s`, at the slot nearest to `at`; see
    /// basic_chart::record.
    [[nodiscard]] bool record(unix_seconds at, const S& s) noexcept {
        if (this->is_plain()) [[likely]] {
            return this->record_plain(at, [&s](auto& row) { each(s, row); });
        }
        [[maybe_unused]] const auto guard = this->policy_.recording();
        held out{*this};
        each(s, out);
        return this->commit_held(at);
    }
    /// Records at the system clock's time.
    [[nodiscard]] bool record(const S& s) noexcept { return record(this->now(), s); }

private:
    struct held {
        struct_chart& chart;
        template <collectable T>
        void put(std::size_t i, T value) noexcept {
            chart.hold(i, value);
        }
    };

    template <class Row>
    static void each(const S& s, Row& row) noexcept {
        boost::hana::unpack(boost::hana::accessors<S>(), [&](auto... member) {
            std::size_t i = 0;
            (row.put(i++, boost::hana::second(member)(s)), ...);
        });
    }

    static std::vector<new_dimension> dimensions() {
        return boost::hana::unpack(boost::hana::accessors<S>(), [](auto... member) {
            return detail::dimensions_of({{boost::hana::to<const char*>(boost::hana::first(member)),
                                           kind_of<detail::member_type<S, decltype(member)>>}...});
        });
    }
};

}  // namespace backends
