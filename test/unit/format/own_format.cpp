// SPDX-License-Identifier: BSL-1.0
//
// A user's own format, limits and name rule; quoted by docs/concepts/wire_format.md.
#include <backends/format/graphite_plaintext.hpp>
#include <backends/format/parser.hpp>
#include <backends/format/renderer.hpp>
#include <backends/format/wire_format.hpp>
#include <backends/testing/wire_format_laws.hpp>

#include "catch.hpp"

#include <cstdint>
#include <string>
#include <string_view>

//! [own_format]
// Influx's line protocol with a line a dimension: `chart,host=H dimension=V T`.
struct influx_line : backends::format_defaults {
    static constexpr std::string_view name = "influx_single";
    static constexpr std::uint16_t default_port = 8094;
    static constexpr auto line = backends::grammar(
        backends::field::chart, backends::lit<",host=">, backends::field::hostname,
        backends::field::tags<",", "=", ",", "">, backends::lit<" ">, backends::field::dimension,
        backends::lit<"=">, backends::field::value, backends::lit<" ">, backends::field::unix_time,
        backends::lit<"\n">);
};
static_assert(backends::wire_format<influx_line>);
//! [own_format]

//! [own_limits]
// A relay that takes longer lines than carbon, and no tags.
struct relay_plaintext : backends::graphite_plaintext {
    static constexpr backends::format_limits limits{.line = 32'000, .component = 1'024, .tags = 0};
};
//! [own_limits]

//! [own_rule]
// Names in lower case. The format still makes safe what the rule leaves.
struct lower_case : backends::replace {
    static void rewrite(backends::name_field, std::string& name) noexcept {
        for (char& c : name) {
            c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        }
    }
};
static_assert(backends::name_rule<lower_case>);
//! [own_rule]

namespace {

//! [one_line]
template <backends::wire_format Format, backends::name_rule Rule = backends::replace>
std::string one_line(const backends::identity& names, std::string_view chart,
                     std::string_view dimension, backends::unix_seconds at, double value) {
    backends::renderer<Format, Rule> lines{names};
    std::uint32_t series = 0;
    if (const std::error_code error = lines.add(chart, dimension, series)) {
        return error.message();
    }
    std::string room(lines.max_line() + lines.line_slack, '\0');
    const char* const end = lines.line(room.data(), series, at, value);
    room.resize(static_cast<std::size_t>(end - room.data()));
    return room;
}
//! [one_line]

struct scattered : backends::format_defaults {
    static constexpr std::string_view name = "scattered";
    static constexpr std::uint16_t default_port = 1;
    static constexpr auto line = backends::grammar(
        backends::field::value, backends::lit<" ">, backends::field::chart, backends::lit<" ">,
        backends::field::unix_time, backends::lit<" ">, backends::field::dimension,
        backends::lit<" ">, backends::field::prefix, backends::lit<"\n">);
};

struct with_optional : scattered {
    static constexpr auto line = backends::grammar(
        backends::field::chart, backends::lit<" ">, backends::field::optional_prefix<"p=", " ">,
        backends::field::dimension, backends::lit<" ">, backends::field::value, backends::lit<" ">,
        backends::field::unix_time, backends::lit<"\n">);
};

constexpr backends::unix_seconds at = 1'795'367'461;

}  // namespace

TEST_CASE("a format is one declaration") {
    CHECK(one_line<influx_line>({.prefix = "", .hostname = "web 1", .tags = {{"dc", "x"}}}, "cpu",
                                "us,er", at,
                                0.5) == "cpu,host=web_1,dc=x us_er=0.5000000 1795367461\n");
    CHECK(one_line<influx_line>({.prefix = "", .hostname = "h"}, "cpu", "user", at, -1) ==
          "cpu,host=h user=-1.0000000 1795367461\n");
}

TEST_CASE("a format says whether there must be a prefix") {
    CHECK(one_line<with_optional>({.prefix = "", .hostname = "h"}, "c", "d", at, 1) ==
          "c d 1.0000000 1795367461\n");
    CHECK(one_line<with_optional>({.prefix = "x", .hostname = "h"}, "c", "d", at, 1) ==
          "c p=x d 1.0000000 1795367461\n");
    using laws = backends::testing::wire_format_laws<with_optional>;
    for (const char* const prefix : {"", "x", "p=", "."}) {
        CHECK(laws::broken({.prefix = prefix, .hostname = "h"}, "c", "d", at, 1e9) == "");
    }
    CHECK(backends::parse<with_optional>("c p=x d 1 2").line.prefix == "x");
    CHECK_FALSE(backends::parse<with_optional>("c p= d 1 2"));
    try {
        one_line<scattered>({.prefix = "", .hostname = "h"}, "c", "d", at, 1);
        FAIL("a line without what the format cannot leave out");
    } catch (const backends::config_error& e) {
        CHECK(e.key() == "prefix");
    }
}

TEST_CASE("a format's parser follows from its declaration") {
    const auto read =
        backends::parse<influx_line>("cpu,host=web_1,dc=x us_er=0.5000000 1795367461");
    REQUIRE(read);
    CHECK(read.line.chart == "cpu");
    CHECK(read.line.hostname == "web_1");
    CHECK(read.line.dimension == "us_er");
    CHECK(read.line.tags == ",dc=x");
    CHECK(read.line.number == "0.5000000");
    CHECK(read.line.at == at);
    CHECK_FALSE(backends::parse<influx_line>("cpu,host=web_1,dc=x us er=0.5000000 1795367461"));
}

TEST_CASE("the laws of the provided formats hold for a user's own") {
    using laws = backends::testing::wire_format_laws<influx_line>;
    for (int byte = 0; byte < 256; ++byte) {
        const std::string any(1, static_cast<char>(byte));
        CHECK(laws::broken({.prefix = any, .hostname = any, .tags = {{any, any}}}, any, any, at,
                           1e9) == "");
    }
}

TEST_CASE("limits are constants that a user may set") {
    const std::string longest(1'024, 'x');
    CHECK(one_line<relay_plaintext>({"p", "h", {}}, longest, "d", at, 1) ==
          "p.h." + longest + ".d 1.0000000 1795367461\n");
    CHECK(one_line<backends::graphite_plaintext>({"p", "h", {}}, longest, "d", at, 1) ==
          make_error_code(backends::errc::name_too_long).message());
}

TEST_CASE("a rule of one's own runs before the format's spelling") {
    CHECK(one_line<backends::graphite_plaintext, lower_case>({"Shop", "WEB-1", {}}, "My Chart", "D",
                                                             at, 1) ==
          "shop.web-1.my_chart.d 1.0000000 1795367461\n");
}

TEST_CASE("parts of a series may stand apart in a line") {
    CHECK(one_line<scattered>({"p", "h", {}}, "chart", "dimension", at, 2) ==
          "2.0000000 chart 1795367461 dimension p\n");
    using laws = backends::testing::wire_format_laws<scattered>;
    const std::string longer(70, 'n');  // more than the first block of a copy
    for (const std::string& name : {std::string{"a"}, longer, longer + longer}) {
        CHECK(laws::broken({name, "h", {}}, name, name, at, std::int64_t{-7}) == "");
    }
}
