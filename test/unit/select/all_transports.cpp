// SPDX-License-Identifier: BSL-1.0
#include <backends/select/all_transports.hpp>

#include <backends/driver/policies.hpp>
#include <backends/format/dogstatsd.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/format/influx_lines.hpp>
#include <backends/format/json_plaintext.hpp>
#include <backends/format/opentsdb_http.hpp>
#include <backends/format/opentsdb_telnet.hpp>
#include <backends/format/otlp_http.hpp>
#include <backends/format/prometheus_remote_write.hpp>
#include <backends/format/statsd.hpp>
#include <backends/select/select.hpp>
#include <backends/source/average.hpp>
#include <backends/storage/host.hpp>

#include "catch.hpp"
#include "support/temporary_file.hpp"

#include <boost/hana/tuple.hpp>
#include <boost/hana/type.hpp>

#include <string>
#include <string_view>
#include <type_traits>

using backends::gzip;
using backends::http_post;
using backends::http_post_for;
using backends::influx_lines;
using backends::opentsdb_http;
using backends::otlp_http;
using backends::prometheus_remote_write;
using backends::statsd;
using backends::tcp;
using backends::tls;
using backends::udp;
using backends::unix_stream;
using backends::select::all_transports;
using backends::select::over_http;
using backends::select::settings;
using backends::select::transport_from;

namespace {

template <class Transports = all_transports, class Format = influx_lines>
std::string why_not(const std::string& destination, const settings& s = {}) {
    try {
        static_cast<void>(transport_from<Transports, Format>(s, destination));
        return "";
    } catch (const backends::config_error& e) {
        return e.what();
    }
}

template <class Chosen>
bool gives(const std::string& destination, const settings& s = {}) {
    auto made = transport_from<all_transports, influx_lines>(s, destination);
    return made.template get_if<Chosen>() != nullptr;
}

settings with(std::string_view key, std::string value) {
    settings s;
    s.set(key, std::move(value), "line 7 of x.ini");
    return s;
}

}  // namespace

TEST_CASE("the scheme of the destinations chooses the transport") {
    CHECK(gives<tcp>("a b:1 tcp:c tcp://d:2"));
    CHECK(gives<unix_stream>("unix:/run/a.sock"));
    CHECK(gives<http_post_for<influx_lines, tcp>>("http://a http://b:1/write?precision=s&db=c"));
    CHECK(gives<http_post_for<influx_lines, tls<tcp>>>("HTTPS://a"));
    CHECK(gives<http_post_for<influx_lines, tcp, gzip>>("http://a", with("http gzip", "yes")));
    CHECK(
        gives<http_post_for<influx_lines, tls<tcp>, gzip>>("https://a", with("http gzip", "yes")));
    CHECK(gives<http_post_for<influx_lines, tcp>>("http://a", with("http gzip", "no")));
}

namespace {
/// A format that plain sockets do not carry.
struct framed : influx_lines {};
}  // namespace
template <>
struct backends::select::transport_for_format<tcp, framed> {
    using type = void;
};
static_assert(std::is_same_v<backends::select::transport_for<over_http, framed>,
                             backends::chosen_transport<unix_stream, http_post_for<framed, tcp>>>);
static_assert(std::is_same_v<backends::select::transport_for<tcp, influx_lines>, tcp>);

TEST_CASE("a transport that does not carry the format is not chosen for it") {
    CHECK(why_not<over_http, framed>("tcp://a:1") ==
          "destination = tcp://a:1: type = influx goes over unix or http, not over tcp");
}

TEST_CASE("a format takes the transports that carry it, and HOST:PORT is the first of them") {
    const auto over_udp = [](const std::string& destination) {
        return transport_from<all_transports, statsd>({}, destination).get_if<udp>() != nullptr;
    };
    CHECK(over_udp("a"));
    CHECK(over_udp("udp://a:1 b"));
    CHECK_FALSE(over_udp("unixgram:/run/a"));
    CHECK_FALSE(over_udp("unix:///run/a"));  // as DogStatsD's clients have it: no stream carries it
    const auto posts = [](const std::string& destination, const settings& s = {}) {
        auto made = transport_from<all_transports, opentsdb_http>(s, destination);
        return made.get_if<http_post_for<opentsdb_http, tcp>>() != nullptr        ? "http"
               : made.get_if<http_post_for<opentsdb_http, tls<tcp>>>() != nullptr ? "https"
                                                                                  : "another";
    };
    CHECK(posts("a:4242") == std::string{"http"});
    CHECK(posts("http://a:4242/api/put") == std::string{"http"});
    CHECK(posts("https://a") == std::string{"https"});
    CHECK(posts("http://a", with("http gzip", "yes")) == std::string{"another"});
}

TEST_CASE("binary records go over HTTP, in bodies that gzip must not change if they are encoded") {
    settings zipped = with("http gzip", "yes");
    auto plain =
        transport_from<all_transports, prometheus_remote_write>({}, "https://a/api/v1/write");
    CHECK(plain.get_if<http_post_for<prometheus_remote_write, tls<tcp>>>() != nullptr);
    CHECK(why_not<all_transports, prometheus_remote_write>("http://a", zipped) ==
          "http gzip = yes: no transport of this program does so for type = "
          "prometheus_remote_write (line 7 of x.ini)");
    auto otlp = transport_from<all_transports, otlp_http>(zipped, "http://a:4318");
    CHECK(otlp.get_if<http_post_for<otlp_http, tcp, gzip>>() != nullptr);
    CHECK(why_not<all_transports, otlp_http>("a:1 udp://b") ==
          "destination = a:1 udp://b: type = otlp_http goes over http or https, not over udp: "
          "http://b:4318");
}

TEST_CASE("a destination that does not carry the format is told with both keys") {
    CHECK(why_not<all_transports, opentsdb_http>("tcp://a:4242") ==
          "destination = tcp://a:4242: type = opentsdb_http goes over http or https, not over tcp: "
          "http://a:4242");
    CHECK(why_not<all_transports, opentsdb_http>("unix:/a") ==
          "destination = unix:/a: type = opentsdb_http goes over http or https, not over unix");
    CHECK(why_not<all_transports, statsd>("b tcp:a:8125") ==
          "destination = b tcp:a:8125: type = statsd goes over udp or unixgram or unix, not over "
          "tcp: "
          "udp://a:8125");
    CHECK(
        why_not<all_transports, statsd>("http://a:8125/x") ==
        "destination = http://a:8125/x: type = statsd goes over udp or unixgram or unix, not over "
        "http");
    CHECK(why_not("udp://a:1") ==
          "destination = udp://a:1: type = influx goes over tcp or unix or http or https, not over "
          "udp: tcp:a:1");
    CHECK(why_not("unixgram:/a") ==
          "destination = unixgram:/a: type = influx goes over tcp or unix or http or https, not "
          "over unixgram");
    CHECK(why_not<all_transports, statsd>("udp://a unixgram:/b").find("udp and unixgram are") !=
          std::string::npos);
}

TEST_CASE("the bytes of a datagram are a setting") {
    const auto bytes = [](const std::string& to, const settings& s = {}) {
        return transport_from<all_transports, statsd>(s, to).longest_line();
    };
    CHECK(bytes("udp://a") == 1'432);
    CHECK(bytes("unixgram:/a") == 8'192);
    CHECK(bytes("udp://a", with("datagram bytes", "512")) == 512);
    CHECK(why_not<all_transports, statsd>("a", with("datagram bytes", "511")) ==
          "datagram bytes = 511: must be 512 to 65507 bytes (line 7 of x.ini)");
    CHECK(why_not<all_transports, statsd>("a", with("datagram bytes", "1k")) ==
          "datagram bytes = 1k: not a whole number (line 7 of x.ini)");
    CHECK(why_not("tcp:a:1", with("datagram bytes", "512")) ==
          "datagram bytes = 512: does not concern tcp:a:1 (line 7 of x.ini)");
}

namespace {
struct unproved : backends::default_policies {
    using confirmation = backends::confirm::written;
};
constexpr auto one_source = boost::hana::tuple_t<backends::average>;

/// What an exporter with these settings says, by default of a level that waits.
template <class Policies = backends::default_policies>
std::string complaint(const std::string& type, const std::string& destination) {
    using namespace backends::select;
    constexpr auto some = boost::hana::tuple_t<statsd, backends::dogstatsd, opentsdb_http>;
    backends::host host{"h"};
    try {
        const auto made = exporter_from<all_transports, Policies>(
            with("type", type).set("enabled", "yes").set("destination", destination), host, {},
            one_source, some);
        return made.enabled() ? "" : "not enabled";
    } catch (const backends::config_error& e) {
        return e.what();
    }
}
}  // namespace

TEST_CASE("a type that nobody acknowledges needs the level written") {
    CHECK(complaint("statsd", "udp://127.0.0.1:1") ==
          "type = statsd: nobody acknowledges its lines, as the level acked needs; the level "
          "written does without (line 7 of x.ini)");
    CHECK(complaint("datadog", "a").find("type = datadog: nobody acknowledges") == 0);
    CHECK(complaint("opentsdb:http", "http://127.0.0.1:1/api/put").empty());
    CHECK(complaint<unproved>("statsd", "udp://127.0.0.1:1").empty());
    CHECK(complaint<unproved>("dogstatsd", "unixgram:/nowhere").empty());
    CHECK(complaint<unproved>("opentsdb_http", "127.0.0.1:1").empty());
    CHECK(complaint<unproved>("opentsdb_http", "udp://127.0.0.1:1").find("type = opentsdb_http") !=
          std::string::npos);
}

namespace {
template <class Transports, class... Formats>
constexpr bool brings = std::is_same_v<
    backends::select::formats_for<Transports>,
    boost::hana::tuple<boost::hana::type<backends::graphite_plaintext>,
                       boost::hana::type<backends::opentsdb_telnet>,
                       boost::hana::type<backends::json_plaintext>, boost::hana::type<influx_lines>,
                       boost::hana::type<Formats>...>>;
}  // namespace
static_assert(brings<tcp>);
static_assert(brings<over_http, opentsdb_http, prometheus_remote_write, otlp_http>);
static_assert(brings<http_post<tcp>, opentsdb_http, prometheus_remote_write, otlp_http>);
static_assert(brings<http_post<tcp, gzip>, opentsdb_http, otlp_http>);  // remote write is encoded
static_assert(brings<udp, statsd, backends::dogstatsd>);  // who names one wants it for all formats
static_assert(std::is_same_v<backends::select::formats_for<backends::select::datagrams>,
                             boost::hana::tuple<boost::hana::type<statsd>,
                                                boost::hana::type<backends::dogstatsd>>>);
static_assert(brings<all_transports, opentsdb_http, prometheus_remote_write, otlp_http, statsd,
                     backends::dogstatsd>);

TEST_CASE("a scheme that nobody serves is named with those that are served") {
    CHECK(why_not("ftp://a") ==
          "destination = ftp://a: ftp is not spoken here, only tcp or unix or http or https or "
          "udp or unixgram; HOST:PORT is: a");
    CHECK(why_not<over_http>("https://a") ==
          "destination = https://a: https is not spoken here, only tcp or unix or http; HOST:PORT "
          "is: a");
    CHECK(why_not<tcp>("http://a").find("http is not spoken here, only tcp;") != std::string::npos);
}

TEST_CASE("a list of schemes that no transport serves together names both") {
    CHECK(why_not("http://a https://b") ==
          "destination = http://a https://b: http and https are spoken by different exporters: one "
          "list has one of them");
    CHECK(why_not("a b unix:/c").find("tcp and unix are spoken") != std::string::npos);
}

TEST_CASE("a setting that the transport does not have is refused, not ignored") {
    CHECK(why_not("a:1", with("http user", "me")) ==
          "http user = me: does not concern tcp:a:1 (line 7 of x.ini)");
    CHECK(why_not("http://a", with("tls verify", "no")) ==
          "tls verify = no: does not concern http://a:80 (line 7 of x.ini)");
    CHECK(why_not("a", with("http password", "secret")) ==
          "http password = ***: does not concern tcp:a:8189 (line 7 of x.ini)");
    CHECK(why_not<tcp>("a", with("http gzip", "yes")) ==
          "http gzip = yes: does not concern tcp:a:8189 (line 7 of x.ini)");
    CHECK(why_not<over_http>("http://a", with("http gzip", "yes")) ==
          "http gzip = yes: no transport of this program does so for type = influx (line 7 of "
          "x.ini)");
}

TEST_CASE("a setting that cannot work has the words of the settings, its value and its line") {
    CHECK(why_not("http://a", with("http gzip", "perhaps")) ==
          "http gzip = perhaps: neither yes nor no (line 7 of x.ini)");
    CHECK(
        why_not("http://a", with("http user", "a:b")) ==
        "http user = a:b: a user's name has no colon and no control characters (line 7 of x.ini)");
    CHECK(why_not("http://a", with("http password", "secret")) ==
          "http password = ***: a password needs a user (line 7 of x.ini)");
    CHECK(why_not("http://a", with("http token file", "/nowhere/t")) ==
          "http token file = /nowhere/t: No such file or directory (line 7 of x.ini)");
    CHECK(why_not("http://a", with("http headers", "Authorization secret")) ==
          "http headers = ***: a header is NAME: VALUE; | stands between two (line 7 of x.ini)");
    CHECK(why_not("http://a", with("http headers", "A: secret | Host: b"))
              .find("http headers = ***: Host: this header is made here") == 0);
    CHECK(why_not("http://a", with("http request bytes", "1000")) ==
          "http request bytes = 1000: must be 16384 to 1073741824 (line 7 of x.ini)");
    CHECK(why_not("http://a", with("http request bytes", "-1")).find("must be 16384") !=
          std::string::npos);
    CHECK(why_not("http://a", with("http divide refused", "2")) ==
          "http divide refused = 2: neither yes nor no (line 7 of x.ini)");
    CHECK(why_not("http://a", with("http content type", "a\nb")).find("http content type = ") == 0);
    CHECK(why_not("https://a", with("tls ca file", "/nowhere/ca"))
              .find("tls ca file = /nowhere/ca: ") == 0);
    CHECK(why_not("https://a", with("tls key file", "/nowhere/key"))
              .find("tls certificate file = : ") == 0);
    CHECK(why_not("https://a", with("tls verify", "maybe")).find("tls verify = maybe: ") == 0);
}

TEST_CASE("Influx lines over HTTP say that their times are seconds") {
    const std::string why = why_not("http://a/write?db=b");
    CHECK(why ==
          "destination = http://a:80/write?db=b: this format needs precision=s in the "
          "query: /write?precision=s");
    CHECK_FALSE(why_not("http://a/write?precision=ms").empty());
    CHECK_FALSE(why_not("http://a http://b/write").empty());
    CHECK(why_not("http://a/write?precision=s").empty());
    CHECK(why_not("http://a/api/v2/write?org=x&precision=s&bucket=y").empty());
    CHECK(why_not<all_transports, backends::json_plaintext>("http://a/x").empty());
}

TEST_CASE("path and type of requests are the format's, headers and credentials the settings'") {
    const test::temporary_file token{"t0k\n"};
    settings s;
    s.set("http headers", "X-Team: shop | X-Text: a, b: c ").set("http user", "me");
    s.set("http password", "secret");
    const auto options = backends::select::detail::http_options_from<influx_lines>(s);
    const auto target_of = []<class Format>(Format, const backends::http_options& of) {
        return backends::detail::options_of<backends::detail::body_of<Format>>(of).target;
    };
    CHECK(target_of(influx_lines{}, options) == "/write?precision=s");
    CHECK(options.content_type == "text/plain; charset=utf-8");
    REQUIRE(options.headers.size() == 2);
    CHECK((options.headers[0].name == "X-Team" && options.headers[0].value == "shop"));
    CHECK((options.headers[1].name == "X-Text" && options.headers[1].value == "a, b: c"));
    CHECK((options.user == "me" && options.password == "secret"));
    const auto json = backends::select::detail::http_options_from<backends::json_plaintext>(
        with("http token file", token.path()));
    CHECK(target_of(backends::json_plaintext{}, json) == "/");
    CHECK(json.content_type == "application/x-ndjson");
    CHECK(json.bearer_token_file == token.path());
    const auto objects = backends::select::detail::http_options_from<opentsdb_http>({});
    CHECK(target_of(opentsdb_http{}, objects) == "/api/put?summary");
    CHECK(objects.content_type == "application/json");
    CHECK((objects.request_bytes == 131'072 && objects.divide_refused));
    s.set("http request bytes", "20000").set("http divide refused", "no");
    const auto small = backends::select::detail::http_options_from<influx_lines>(s);
    CHECK((small.request_bytes == 20'000 && !small.divide_refused));
    CHECK(
        backends::select::detail::http_options_from<influx_lines>(with("http content type", "a/b"))
            .content_type == "a/b");
}
