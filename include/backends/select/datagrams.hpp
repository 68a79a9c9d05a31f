// SPDX-License-Identifier: BSL-1.0
//
// `destination = udp://HOST:PORT` in settings, for the formats that go in datagrams: include it
// where an exporter's settings may say so.
#pragma once

#include <backends/core/errors.hpp>
#include <backends/format/dogstatsd.hpp>
#include <backends/format/statsd.hpp>
#include <backends/select/format_choice.hpp>
#include <backends/select/settings.hpp>
#include <backends/select/transport_choice.hpp>
#include <backends/transport/destination.hpp>
#include <backends/transport/udp.hpp>
#include <backends/transport/unix_datagram.hpp>

#include <boost/hana/tuple.hpp>
#include <boost/hana/type.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace backends::inline BACKENDS_ISA::select {

/// What `destination` may say: `udp://HOST:PORT`, `unixgram:/PATH`; and what `type` may: `statsd`,
/// `dogstatsd` too.
///
///     exporter_from<decltype(hana::concat(over_http{}, datagrams{})), unproved>(path, host);
///
/// Nobody acknowledges a datagram: a higher level than confirm::written is an error that names the
/// type, before anything starts.
using datagrams = boost::hana::tuple<boost::hana::type<udp>, boost::hana::type<unix_datagram>>;

namespace detail {

using formats_in_datagrams =
    boost::hana::tuple<boost::hana::type<statsd>, boost::hana::type<dogstatsd>>;

/// A transport whose options are `Options`.
template <class Transport, class Options>
struct datagram_settings {
    static constexpr std::array<std::string_view, 1> keys{"datagram bytes"};
    static constexpr std::string_view unsuited(const settings&) noexcept { return {}; }
    template <class Format>
    static Transport made(const settings& chosen, const std::vector<destination>&) {
        Options o;
        const auto usual = static_cast<std::int64_t>(o.datagram_bytes);
        o.datagram_bytes = static_cast<std::size_t>(chosen.number("datagram bytes", usual));
        try {
            return Transport{o};
        } catch (const config_error& e) {
            throw chosen.error("datagram bytes", e.why());
        }
    }
};

}  // namespace detail

/// Datagrams bring statsd's formats along.
template <class Resolver>
struct formats_of_transport<basic_udp<Resolver>> {
    using type = detail::formats_in_datagrams;  ///< these
};
template <>
struct formats_of_transport<unix_datagram> {
    using type = detail::formats_in_datagrams;  ///< these
};

/// The key of datagrams.
template <class Resolver>
struct transport_settings<basic_udp<Resolver>>
    : detail::datagram_settings<basic_udp<Resolver>, udp_options> {};
template <>
struct transport_settings<unix_datagram>
    : detail::datagram_settings<unix_datagram, unix_datagram_options> {};

}  // namespace backends::select
