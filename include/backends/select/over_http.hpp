// SPDX-License-Identifier: BSL-1.0
//
// `destination = http://HOST:PORT/PATH` in settings: include it where an exporter's settings may
// say so. It needs Boost.Beast.
#pragma once

#include <backends/core/errors.hpp>
#include <backends/core/joined.hpp>
#include <backends/core/raise.hpp>
#include <backends/format/content_type.hpp>
#include <backends/format/opentsdb_http.hpp>
#include <backends/format/otlp_http.hpp>
#include <backends/format/prometheus_remote_write.hpp>
#include <backends/format/wire_format.hpp>
#include <backends/select/format_choice.hpp>
#include <backends/select/settings.hpp>
#include <backends/select/transport_choice.hpp>
#include <backends/transport/destination.hpp>
#include <backends/transport/http_options.hpp>
#include <backends/transport/http_post.hpp>
#include <backends/transport/tcp.hpp>
#include <backends/transport/unix_stream.hpp>

#include <boost/hana/tuple.hpp>
#include <boost/hana/type.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace backends::inline BACKENDS_ISA::select {

/// What `destination` may say: `HOST:PORT`, `unix:/PATH`, `http://HOST:PORT/PATH`; and what `type`
/// may: formats that go over HTTP alone too, `opentsdb_http`, `prometheus_remote_write`, `otlp`.
///
///     exporter_from<select::over_http>(path, host);
///
/// `decltype(hana::append(over_http{}, hana::type_c<own>))` has one of your own too.
using over_http = boost::hana::tuple<boost::hana::type<tcp>, boost::hana::type<unix_stream>,
                                     boost::hana::type<http_post<tcp>>>;

/// Formats with bodies of their own. A new one stands here, and nowhere else.
template <class Next, class Encoding>
struct formats_of_transport<http_post<Next, Encoding>> {
    /// These.
    using type = boost::hana::tuple<boost::hana::type<opentsdb_http>,
                                    boost::hana::type<prometheus_remote_write>,
                                    boost::hana::type<otlp_http>>;
};

/// An http_post of lines becomes one of the format's bodies.
template <class Next, class Encoding, class Format>
struct transport_for_format<http_post<Next, Encoding>, Format> {
    /// That, or void for formats of datagrams, and for bodies that must not be encoded.
    using type =
        std::conditional_t<backends::detail::is_in_datagrams<Format> ||
                               (!Encoding::name.empty() &&
                                backends::detail::encodes<backends::detail::body_of<Format>>()),
                           void, http_post_for<Format, Next, Encoding>>;
};

namespace detail {

/// A member of http_options, and its key.
struct named_member {
    std::string_view name;
    std::string_view key;
};
inline constexpr std::array<named_member, 6> http_members{
    {{"content_type", "http content type"},
     {"headers", "http headers"},
     {"user", "http user"},
     {"password", "http password"},
     {"bearer_token_file", "http token file"},
     {"request_bytes", "http request bytes"}}};

/// `NAME: VALUE | NAME: VALUE`.
inline std::vector<http_header> headers_of(const settings& chosen) {
    constexpr std::string_view key = "http headers";
    std::vector<http_header> all;
    const std::string text = chosen.text(key, "");
    std::string_view rest = text;
    while (!rest.empty()) {
        const std::size_t end = (std::min)(rest.find('|'), rest.size());
        const std::string_view one = trimmed(rest.substr(0, end));
        rest.remove_prefix((std::min)(end + 1, rest.size()));
        const std::size_t colon = one.find(':');
        if (colon == std::string_view::npos) {
            throw chosen.error(key, "a header is NAME: VALUE; | stands between two");
        }
        all.push_back({std::string{trimmed(one.substr(0, colon))},
                       std::string{trimmed(one.substr(colon + 1))}});
    }
    return all;
}

template <class Format>
http_options http_options_from(const settings& chosen) {
    http_options o;
    o.content_type = chosen.text("http content type", backends::detail::content_type_of<Format>());
    o.headers = headers_of(chosen);
    o.user = chosen.text("http user", "");
    o.password = chosen.text("http password", "");
    o.bearer_token_file = chosen.text("http token file", "");
    const auto bytes = chosen.number("http request bytes", std::int64_t(o.request_bytes));
    o.request_bytes = bytes < 0 ? 0 : static_cast<std::size_t>(bytes);  // 0 is refused as well
    o.divide_refused = chosen.flag("http divide refused", o.divide_refused);
    return o;
}

/// An error about one of `members`, in the settings' words. One about a header says which: the text
/// of all headers may hold secrets, and is not shown.
template <class Members>
config_error in_keys(const settings& chosen, const config_error& e, const Members& members) {
    for (const named_member& one : members) {
        if (one.name == e.key()) {
            const bool is_header = one.name == "headers";
            return chosen.error(one.key, is_header
                                             ? backends::detail::joined({e.value(), ": ", e.why()})
                                             : e.why());
        }
    }
    return e;
}

}  // namespace detail

/// HTTP's keys, and those of the transport below.
template <class Next, class Encoding, class Body>
struct transport_settings<http_post<Next, Encoding, Body>> {
    static constexpr auto keys = [] {
        constexpr std::array<std::string_view, 8> own{
            "http content type", "http headers", "http user",          "http password",
            "http token file",   "http gzip",    "http request bytes", "http divide refused"};
        constexpr auto below = transport_settings<Next>::keys;
        std::array<std::string_view, own.size() + below.size()> all{};
        std::copy(own.begin(), own.end(), all.begin());
        std::copy_backward(below.begin(), below.end(), all.end());
        return all;
    }();
    static std::string_view unsuited(const settings& chosen) {
        return chosen.flag("http gzip", false) != !std::string_view{Encoding::name}.empty()
                   ? "http gzip"
                   : transport_settings<Next>::unsuited(chosen);
    }
    template <class Format>
    static http_post<Next, Encoding, Body> made(const settings& chosen,
                                                const std::vector<destination>& list) {
        Next next = transport_settings<Next>::template made<Format>(chosen, list);
        try {
            return http_post<Next, Encoding, Body>{detail::http_options_from<Format>(chosen),
                                                   std::move(next)};
        } catch (const config_error& e) {
            throw detail::in_keys(chosen, e, detail::http_members);
        }
    }
};

}  // namespace backends::select
