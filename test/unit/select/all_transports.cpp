// SPDX-License-Identifier: BSL-1.0
#include <backends/select/all_transports.hpp>

#include <backends/format/graphite_plaintext.hpp>
#include <backends/format/influx_lines.hpp>
#include <backends/format/json_plaintext.hpp>

#include "catch.hpp"
#include "support/temporary_file.hpp"

#include <string>
#include <string_view>
#include <type_traits>

using backends::gzip;
using backends::http_post;
using backends::influx_lines;
using backends::tcp;
using backends::tls;
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
    CHECK(gives<http_post<tcp>>("http://a http://b:1/write?precision=s&db=c"));
    CHECK(gives<http_post<tls<tcp>>>("HTTPS://a"));
    CHECK(gives<http_post<tcp, gzip>>("http://a", with("http gzip", "yes")));
    CHECK(gives<http_post<tls<tcp>, gzip>>("https://a", with("http gzip", "yes")));
    CHECK(gives<http_post<tcp>>("http://a", with("http gzip", "no")));
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
                             backends::chosen_transport<unix_stream, http_post<tcp>>>);
static_assert(std::is_same_v<backends::select::transport_for<tcp, influx_lines>, tcp>);

TEST_CASE("a transport that does not carry the format is not chosen for it") {
    CHECK(why_not<over_http, framed>("tcp://a:1") ==
          "destination = tcp://a:1: tcp is not spoken here, only unix or http; HOST:PORT is: a:1");
}

TEST_CASE("a scheme that nobody serves is named with those that are served") {
    CHECK(why_not("ftp://a") ==
          "destination = ftp://a: ftp is not spoken here, only tcp or unix or http or https; "
          "HOST:PORT is: a");
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
          "http gzip = yes: no transport of this program does so (line 7 of x.ini)");
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
    CHECK(
        why_not("http://a", with("http headers", "X-Team shop")) ==
        "http headers = X-Team shop: `X-Team shop` is not NAME: VALUE; | stands between two (line "
        "7 of x.ini)");
    CHECK(why_not("http://a", with("http headers", "A: 1 | Host: b"))
              .find("http headers = A: 1 | Host: b: this header is made here") == 0);
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
          "destination = http://a:80/write?db=b: the times of this format need precision=s in the "
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
    const auto options = backends::select::detail::http_options_from<influx_lines>(s, {});
    CHECK(options.target == "/write?precision=s");
    CHECK(options.content_type == "text/plain; charset=utf-8");
    REQUIRE(options.headers.size() == 2);
    CHECK((options.headers[0].name == "X-Team" && options.headers[0].value == "shop"));
    CHECK((options.headers[1].name == "X-Text" && options.headers[1].value == "a, b: c"));
    CHECK((options.user == "me" && options.password == "secret"));
    const auto json = backends::select::detail::http_options_from<backends::json_plaintext>(
        with("http token file", token.path()), {});
    CHECK((json.target == "/" && json.content_type == "application/x-ndjson"));
    CHECK(json.bearer_token_file == token.path());
    CHECK(backends::select::detail::http_options_from<influx_lines>(
              with("http content type", "a/b"), {})
              .content_type == "a/b");
}
