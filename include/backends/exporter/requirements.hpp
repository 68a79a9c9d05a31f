// SPDX-License-Identifier: BSL-1.0
//
// The requirements on an exporter's template arguments, each with an error message. The compiler
// adds the missing expression.
#pragma once

#include <backends/core/member_name.hpp>
#include <backends/core/record_end.hpp>
#include <backends/core/request_body.hpp>
#include <backends/driver/clock.hpp>
#include <backends/driver/observer.hpp>
#include <backends/format/wire_format.hpp>
#include <backends/instrument/quantiles.hpp>
#include <backends/source/as_source.hpp>
#include <backends/spool/spool.hpp>
#include <backends/transport/transport.hpp>

#include <cstdint>
#include <type_traits>

namespace backends::inline BACKENDS_ISA::detail {

template <class Policies>
concept has_all_policies = requires {
    typename Policies::confirmation;
    typename Policies::overflow;
    typename Policies::backoff;
    typename Policies::random;
    typename Policies::clock;
    typename Policies::observer;
    typename Policies::names;
    typename Policies::spool;
    typename Policies::quantiles;
};

// Likely misspellings of policies; next to the default of the right name they would do nothing.
BACKENDS_MEMBER_NAME(confirm);
BACKENDS_MEMBER_NAME(confirms);
BACKENDS_MEMBER_NAME(confirmations);
BACKENDS_MEMBER_NAME(confirmation_level);
BACKENDS_MEMBER_NAME(overflows);
BACKENDS_MEMBER_NAME(overflow_policy);
BACKENDS_MEMBER_NAME(back_off);
BACKENDS_MEMBER_NAME(backoffs);
BACKENDS_MEMBER_NAME(randoms);
BACKENDS_MEMBER_NAME(random_source);
BACKENDS_MEMBER_NAME(clocks);
BACKENDS_MEMBER_NAME(clock_type);
BACKENDS_MEMBER_NAME(observers);
BACKENDS_MEMBER_NAME(observer_type);
BACKENDS_MEMBER_NAME(name_rule);
BACKENDS_MEMBER_NAME(naming);
BACKENDS_MEMBER_NAME(spools);
BACKENDS_MEMBER_NAME(spooling);
BACKENDS_MEMBER_NAME(quantile);
BACKENDS_MEMBER_NAME(percentiles);
BACKENDS_MEMBER_NAME(source);
BACKENDS_MEMBER_NAME(format);
BACKENDS_MEMBER_NAME(transport);

template <class P>
inline constexpr bool misspells_a_policy =
    has_confirm<P> || has_confirms<P> || has_confirmations<P> || has_confirmation_level<P> ||
    has_overflows<P> || has_overflow_policy<P> || has_back_off<P> || has_backoffs<P> ||
    has_randoms<P> || has_random_source<P> || has_clocks<P> || has_clock_type<P> ||
    has_observers<P> || has_observer_type<P> || has_name_rule<P> || has_naming<P> ||
    has_spools<P> || has_spooling<P> || has_quantile<P> || has_percentiles<P>;
template <class P>
inline constexpr bool has_another_parameter = has_source<P> || has_format<P> || has_transport<P>;

/// All members of a reduction, but not noexcept.
template <class Source>
concept reduction_that_throws =
    !source_or_reduction<Source> &&
    requires(reduction_state<Source, double_cell>& state, double value, std::uint64_t n) {
        Source::name;
        Source::add(state, value);
        { Source::result(state, n) } -> line_value;
    };

template <class Source, class Format, class Transport, class Policies>
consteval bool are_policies() {
    static_assert(source_or_reduction<Source>,
                  "backends: Source is neither a reduction nor a data source; see "
                  "docs/concepts/reduction.md and docs/concepts/data_source.md");
    static_assert(wire_format<Format>,
                  "backends: Format is no wire format; see docs/concepts/wire_format.md");
    static_assert(transport<Transport>,
                  "backends: Transport is no transport; see docs/concepts/transport.md");
    static_assert(
        carries<Transport, Format>,
        "backends: this transport does not make the bodies of this format: over HTTP it is "
        "http_post_for<Format, tcp>, and lines go over tcp alone too; see "
        "docs/how_to/ship_over_http.md");
    static_assert(
        grammar_ends<std::remove_cvref_t<decltype(Format::line)>> == body_of<Format>::ends &&
            (body_of<Format>::ends == record_end::newline || Format::limits.line <= longest_record),
        "backends: a format with a message_grammar has a body whose records end by length, and "
        "records of less than 2 MiB; lines end by newline; see docs/concepts/wire_format.md");
    static_assert(!has_resource<Format> || resource_transport<Transport>,
                  "backends: the requests of this format begin with what it says of the exporter: "
                  "its transport has resource(std::string_view); see docs/concepts/transport.md");
    static_assert(clock<typename Policies::clock>,
                  "backends: a clock needs static steady_now and system_now, noexcept; see "
                  "docs/concepts/observer.md");
    static_assert(name_rule<typename Policies::names>,
                  "backends: Policies::names is no name rule: it needs refuse_changes and a static "
                  "rewrite(name_field, std::string&) that is noexcept; see docs/formats.md");
    static_assert(observer<typename Policies::observer>,
                  "backends: Policies::observer is no observer; see docs/concepts/observer.md");
    static_assert(spool<typename Policies::spool>,
                  "backends: Policies::spool is no spool; see docs/concepts/spool.md");
    static_assert(is_quantiles<typename Policies::quantiles>,
                  "backends: Policies::quantiles is backends::quantiles<50, 95, 99> or other ones");
    return true;
}

}  // namespace backends::detail
