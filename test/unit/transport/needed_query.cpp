// SPDX-License-Identifier: BSL-1.0
#include <backends/transport/needed_query.hpp>

#include <backends/exporter/exporter.hpp>
#include <backends/format/influx_lines.hpp>
#include <backends/source/average.hpp>
#include <backends/storage/host.hpp>
#include <backends/transport/http_post.hpp>
#include <backends/transport/memory.hpp>

#include "catch.hpp"

#include <array>
#include <string>
#include <string_view>

using backends::config_error;
using backends::influx_body;
using backends::influx_lines;
using backends::line_body;
namespace detail = backends::detail;

TEST_CASE("a query has what is needed as one of its parts, at any place") {
    for (const std::string_view path :
         {"/w?precision=s", "/w?db=x&precision=s", "/w?precision=s&db=x", "/?a&precision=s&b",
          "?precision=s"}) {
        CHECK(detail::lack_of("precision=s", path).empty());
    }
    for (const std::string_view path :
         {"", "/", "/w", "/w?", "/w?precision=ms", "/w?precision=s1", "/w?xprecision=s",
          "/w/precision=s", "/w&precision=s", "/precision=s&?a"}) {
        CHECK_FALSE(detail::lack_of("precision=s", path).empty());
        CHECK(detail::lack_of("", path).empty());
    }
    CHECK(detail::lack_of("precision=s", "/w?db=x") ==
          "this format needs precision=s in the query: /w?precision=s");
}

TEST_CASE("each destination with a path must have it") {
    static constexpr std::array<backends::scheme, 1> http{
        {{.name = "http", .path = &backends::path_after_port}}};
    const auto refused = [](std::string_view text) -> std::string {
        const auto list = backends::parse_destinations(text, 80, http);
        CHECK_NOTHROW(detail::require_query<line_body>(list));
        try {
            detail::require_query<influx_body>(list);
            return "";
        } catch (const config_error& e) {
            return e.value();
        }
    };
    CHECK(refused("http://a").empty());
    CHECK(refused("http://a/write?precision=s http://b").empty());
    CHECK(refused("http://a http://b/write?db=x") == "http://b:80/write?db=x");
}

TEST_CASE("an exporter whose times would be misread is not made") {
    using post = backends::http_post_for<influx_lines, backends::memory>;
    backends::host host{"h"};
    const auto make = [&](const std::string& to) {
        const backends::exporter<backends::average, influx_lines, post> one{host,
                                                                            {.destination = to}};
    };
    CHECK_NOTHROW(make("http://db"));
    CHECK_NOTHROW(make("http://db/write?db=shop&precision=s"));
    CHECK_THROWS_AS(make("http://db http://db/write?db=shop"), config_error);
}
