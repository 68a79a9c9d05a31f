// SPDX-License-Identifier: BSL-1.0
#include <backends/transport/http_options.hpp>

#include <backends/format/influx_lines.hpp>
#include <backends/format/opentsdb_http.hpp>

#include "catch.hpp"

#include <array>
#include <string>

using backends::http_options;
using backends::line_body;
using backends::detail::head_of;
using backends::detail::options_of;

namespace {

std::string why_not(http_options o) {
    try {
        options_of<line_body>(std::move(o));
        return "";
    } catch (const backends::config_error& e) {
        return e.what();
    }
}

struct body_type : backends::json_array_body {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 1> headers{
        {{"X-Version", "2"}}};
    static constexpr bool retries_server_errors = true;
};

}  // namespace

TEST_CASE("a target that lacks what the body needs is refused") {
    const auto why_not_of_influx = [](std::string target) -> std::string {
        try {
            return backends::detail::options_of<backends::influx_body>({.target = target}).target;
        } catch (const backends::config_error& e) {
            return e.what();
        }
    };
    CHECK(why_not_of_influx("") == "/write?precision=s");
    CHECK(why_not_of_influx("/write?db=shop&precision=s") == "/write?db=shop&precision=s");
    CHECK(why_not_of_influx("/write?db=shop") ==
          "target = /write?db=shop: this format needs precision=s in the query: "
          "/write?precision=s");
}

TEST_CASE("no error shows what may be a secret") {
    for (const http_options& o : {
             http_options{.headers = {{"Authorization", "Token secret\n"}}},
             http_options{.headers = {{"Authorization: Token secret", ""}}},
             http_options{.headers = {{"Authorization", "Token secret"}}, .user = "me"},
             http_options{.password = "secret"},
             http_options{.user = "me", .password = "secret\n"},
         }) {
        const std::string why = why_not(o);
        CHECK_FALSE(why.empty());
        CHECK(why.find("secret") == std::string::npos);
    }
}

TEST_CASE("an option that cannot work is refused by its name") {
    CHECK(why_not({}).empty());
    CHECK(why_not({.target = "/write?db=shop&precision=s"}).empty());
    CHECK(why_not({.target = "write"}) == "target = write: a path begins with /");
    CHECK(why_not({.target = "/a b"}) ==
          "target = /a b: blanks, control characters and other bytes than ASCII are spelled %XX");
    CHECK(why_not({.target = "/a\r\nX: y"}).starts_with("target = /a??X: y: "));
    CHECK(why_not({.target = "/a#b"}) == "target = /a#b: a path and a query have no #");
    CHECK(why_not({.content_type = "a\nb"}).starts_with("content_type = a?b: "));
    CHECK(why_not({.headers = {{"X-Scope-OrgID", "shop"}}}).empty());
    CHECK(why_not({.headers = {{"X-Scope-OrgID", "shop\r\nEvil: 1"}}}) ==
          "headers = X-Scope-OrgID: a header's value has no line break nor other control "
          "characters");
    CHECK(why_not({.headers = {{"X Y", "z"}}}).starts_with("headers = X: a header's name"));
    CHECK(why_not({.headers = {{"", "z"}}}).starts_with("headers = : a header's name"));
    CHECK(why_not({.headers = {{"Expect", "100-continue"}}}) ==
          "headers = Expect: this header is made here, from other options if at all");
    CHECK(why_not({.headers = {{"content-LENGTH", "1"}}}).find("made here") != std::string::npos);
    CHECK(why_not({.headers = {{"Authorization", "x"}}, .user = "me"}) ==
          "headers = Authorization: the user or the token makes it already");
    CHECK(why_not({.user = "a:b"}).starts_with("user = a:b: "));
    CHECK(why_not({.password = "secret"}) == "password = ***: a password needs a user");
    CHECK(why_not({.user = "me", .password = "se\ncret"}) ==
          "password = ***: a password has no control characters");
    CHECK(why_not({.user = "me", .bearer_token_file = "/t"}) ==
          "bearer_token_file = /t: user and password stand there already");
    CHECK(why_not({.request_bytes = 16'383}) ==
          "request_bytes = 16383: must be 16384 to 1073741824");
    CHECK(why_not({.requests = 0}) == "requests = 0: must be 1 to 64");
    CHECK(why_not({.requests = 65}) == "requests = 65: must be 1 to 64");
}

TEST_CASE("what an option leaves open, the body says") {
    const http_options open = options_of<body_type>({.headers = {{"A", "1"}}});
    CHECK(open.target == "/api/put?summary");
    CHECK(open.content_type == "application/json");
    CHECK(open.retry == backends::http_retry::server_errors);
    CHECK(open.headers.size() == 2);
    CHECK(open.headers[1].name == "X-Version");
    CHECK(open.headers[1].value == "2");
    const http_options said = options_of<body_type>(
        {.target = "/x", .content_type = "text/x", .retry = backends::http_retry::overload});
    CHECK(said.target == "/x");
    CHECK(said.content_type == "text/x");
    CHECK(said.retry == backends::http_retry::overload);
    CHECK(options_of<line_body>({}).target == "/");
}

TEST_CASE("the head names receiver, type, credentials and headers, up to the length") {
    CHECK(head_of(options_of<line_body>({}), "db:8086", "/w?db=a", "", "") ==
          "POST /w?db=a HTTP/1.1\r\nHost: db:8086\r\nUser-Agent: backends/" +
              std::to_string(BACKENDS_VERSION_MAJOR) + "." +
              std::to_string(BACKENDS_VERSION_MINOR) + "." +
              std::to_string(BACKENDS_VERSION_PATCH) +
              "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ");
    const std::string head =
        head_of({.headers = {{"A", "1"}, {"B", "2"}}, .user = "Aladdin", .password = "open sesame"},
                "h", "/", "gzip", "");
    CHECK(
        head.ends_with("Content-Encoding: gzip\r\n"
                       "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"
                       "A: 1\r\nB: 2\r\nContent-Length: "));
    CHECK(head_of({}, "h", "/", "", "t0k").find("\r\nAuthorization: Bearer t0k\r\n") !=
          std::string::npos);
}

TEST_CASE("base64 is RFC 4648's") {
    using backends::detail::base64;
    CHECK(base64("").empty());
    CHECK(base64("f") == "Zg==");
    CHECK(base64("fo") == "Zm8=");
    CHECK(base64("foo") == "Zm9v");
    CHECK(base64("foob") == "Zm9vYg==");
    CHECK(base64("\xff\xfe\xfd") == "//79");
}

TEST_CASE("the header Host has brackets and port as a URL has them") {
    using backends::detail::authority;
    const auto of = [](const char* text) {
        return authority(backends::parse_destinations(text, 80).front());
    };
    CHECK(of("db:8086") == "db:8086");
    CHECK(of("db") == "db");
    CHECK(of("db:http") == "db");
    CHECK(of("[::1]:8086") == "[::1]:8086");
    CHECK(of("[fe80::1%eth0]:8086") == "[fe80::1]:8086");
    CHECK(authority({"db", "", "443", false, "https"}) == "db");
    CHECK(authority({"db", "", "80", false, "https"}) == "db:80");
    CHECK(authority({"/run/db.sock", "", "", false, "unix"}) == "localhost");
}

namespace {
struct plain {};
struct encrypted {
    static constexpr bool encrypts = true;
};
struct local : encrypted {
    static constexpr std::array<backends::scheme, 1> schemes{{{"unix", 0, &backends::path_alone}}};
};
}  // namespace

TEST_CASE("HTTP has the scheme of the transport below, or http, or https if that encrypts") {
    using backends::detail::schemes_over;
    CHECK(schemes_over<plain>().front().name == "http");
    CHECK(schemes_over<encrypted>().front().name == "https");
    CHECK(schemes_over<local>().front().name == "unix");
}

TEST_CASE("an error about a token names its file") {
    const auto& file = backends::detail::token_file_category::of("/nowhere/token");
    std::error_code error;
    CHECK(read_token(file, error).empty());
    CHECK(error.message() == "the bearer token file /nowhere/token: No such file or directory");
    CHECK(&file == &backends::detail::token_file_category::of("/nowhere/token"));
}
