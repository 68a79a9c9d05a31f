// SPDX-License-Identifier: BSL-1.0
//
// Which formats `type` may name: lines for every stream, and what the transports of a program bring
// along.
#pragma once

#include <backends/format/graphite_plaintext.hpp>
#include <backends/format/influx_lines.hpp>
#include <backends/format/json_plaintext.hpp>
#include <backends/format/opentsdb_telnet.hpp>
#include <backends/isa.hpp>
#include <backends/select/transport_choice.hpp>

#include <boost/hana/tuple.hpp>
#include <boost/hana/type.hpp>

#include <type_traits>

namespace backends::inline BACKENDS_ISA::select {

/// The choices of `type`. Some transports bring more of them.
inline constexpr auto formats =
    boost::hana::tuple_t<graphite_plaintext, opentsdb_telnet, json_plaintext, influx_lines>;

/// The formats that a transport brings along, as a Hana tuple of hana::type: those that only it and
/// its like carry. Specialise it for a transport of your own.
template <class Transport>
struct formats_of_transport {
    using type = boost::hana::tuple<>;  ///< none
};

namespace detail {

/// The types of a tuple, and after them those of the others that are new.
template <class... Tuples>
struct united;
template <class All>
struct united<All> {
    using type = All;
};
template <class All, class... Others>
struct united<All, boost::hana::tuple<>, Others...> : united<All, Others...> {};
template <class... Ones, class First, class... Rest, class... Others>
struct united<boost::hana::tuple<Ones...>, boost::hana::tuple<First, Rest...>, Others...>
    : united<std::conditional_t<(std::is_same_v<Ones, First> || ...), boost::hana::tuple<Ones...>,
                                boost::hana::tuple<Ones..., First>>,
             boost::hana::tuple<Rest...>, Others...> {};

/// What a transport brings along, without what it does not carry itself.
template <class Transport, class All = typename formats_of_transport<Transport>::type>
struct brought;
template <class Transport, class... Ones>
struct brought<Transport, boost::hana::tuple<Ones...>>
    : united<
          boost::hana::tuple<>,
          std::conditional_t<
              std::is_void_v<typename transport_for_format<Transport, typename Ones::type>::type>,
              boost::hana::tuple<>, boost::hana::tuple<Ones>>...> {};

/// `All`, and what one transport or a tuple of them brings along.
template <class All, class Transport>
struct formats_over : united<All, typename brought<Transport>::type> {};
template <class All, class... Ones>
struct formats_over<All, boost::hana::tuple<Ones...>>
    : united<All, typename brought<typename Ones::type>::type...> {};

/// Of a tuple of formats those that one of the transports carries.
template <class Transports, class All>
struct carried;
template <class Transports, class... Ones>
struct carried<Transports, boost::hana::tuple<Ones...>>
    : united<boost::hana::tuple<>,
             std::conditional_t<is_carried<Transports, typename Ones::type>,
                                boost::hana::tuple<Ones>, boost::hana::tuple<>>...> {};

}  // namespace detail

/// The choices of `type` over these transports, one or the type of a Hana tuple of hana::type:
/// `formats`, and what each of them brings along, as far as one of them carries it.
template <class Transports>
using formats_for = typename detail::carried<
    Transports,
    typename detail::formats_over<std::decay_t<decltype(formats)>, Transports>::type>::type;

}  // namespace backends::select
