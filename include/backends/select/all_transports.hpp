// SPDX-License-Identifier: BSL-1.0
//
// Every scheme in settings, HTTPS, compressed bodies and datagrams too: include it where an
// exporter's settings may say so. It needs Boost.Beast, OpenSSL and zlib, which the program then
// links.
#pragma once

#include <backends/select/datagrams.hpp>
#include <backends/select/over_http.hpp>
#include <backends/select/settings.hpp>
#include <backends/select/transport_choice.hpp>
#include <backends/transport/destination.hpp>
#include <backends/transport/gzip.hpp>
#include <backends/transport/http_post.hpp>
#include <backends/transport/tcp.hpp>
#include <backends/transport/tls.hpp>
#include <backends/transport/udp.hpp>
#include <backends/transport/unix_datagram.hpp>
#include <backends/transport/unix_stream.hpp>

#include <boost/hana/tuple.hpp>
#include <boost/hana/type.hpp>

#include <array>
#include <string_view>
#include <vector>

namespace backends::inline BACKENDS_ISA::select {

/// What `destination` may say: `HOST:PORT`, `unix:/PATH`, `http://HOST:PORT/PATH`,
/// `https://HOST:PORT/PATH`, the last two with `http gzip = yes` too; for statsd's formats
/// `udp://HOST:PORT` and `unixgram:/PATH`.
///
///     exporter_from<select::all_transports>(path, host);
using all_transports =
    boost::hana::tuple<boost::hana::type<tcp>, boost::hana::type<unix_stream>,
                       boost::hana::type<http_post<tcp>>, boost::hana::type<http_post<tcp, gzip>>,
                       boost::hana::type<http_post<tls<tcp>>>,
                       boost::hana::type<http_post<tls<tcp>, gzip>>, boost::hana::type<udp>,
                       boost::hana::type<unix_datagram>>;

namespace detail {
inline constexpr std::array<named_member, 4> tls_members{
    {{"ca_file", "tls ca file"},
     {"certificate_file", "tls certificate file"},
     {"key_file", "tls key file"},
     {"server_name", "tls server name"}}};
}  // namespace detail

/// The keys of TLS, and those of the transport below.
template <class Next>
struct transport_settings<tls<Next>> {
    static constexpr std::array<std::string_view, 5> keys{
        "tls ca file", "tls certificate file", "tls key file", "tls server name", "tls verify"};
    static std::string_view unsuited(const settings& chosen) {
        return transport_settings<Next>::unsuited(chosen);
    }
    template <class Format>
    static tls<Next> made(const settings& chosen, const std::vector<destination>& list) {
        static_assert(transport_settings<Next>::keys.empty(),
                      "backends: TLS stands on a transport without settings");
        const tls_options o{.ca_file = chosen.text("tls ca file", ""),
                            .certificate_file = chosen.text("tls certificate file", ""),
                            .key_file = chosen.text("tls key file", ""),
                            .server_name = chosen.text("tls server name", ""),
                            .verify = chosen.flag("tls verify", true)};
        try {
            return tls<Next>{o, transport_settings<Next>::template made<Format>(chosen, list)};
        } catch (const config_error& e) {
            throw detail::in_keys(chosen, e, detail::tls_members);
        }
    }
};

}  // namespace backends::select
