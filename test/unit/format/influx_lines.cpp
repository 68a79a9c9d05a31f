// SPDX-License-Identifier: BSL-1.0
#include <backends/format/influx_lines.hpp>

#include <backends/core/labels.hpp>
#include <backends/format/parser.hpp>
#include <backends/format/renderer.hpp>
#include <backends/testing/wire_format_laws.hpp>

#include "catch.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace backends;

namespace {

std::string spelled(name_field f, std::string_view raw, bool same = true) {
    std::string out;
    CHECK(influx_spelling::spell(f, raw, out) == same);
    CHECK(influx_spelling::accepts(f, out));
    CHECK((influx_unescape(f, out) == std::string{raw}) == same);
    return out;
}

template <class Value>
std::string line(const identity& names, Value v, label_list labels = {}) {
    renderer<influx_lines> lines{names};
    std::uint32_t series = 0;
    REQUIRE_FALSE(lines.add("system.cpu", "user", series, labels));
    std::string room(lines.max_line() + lines.line_slack, '\0');
    return {room.data(), lines.line(room.data(), series, 1795367461, v)};
}

using values = std::vector<std::pair<std::string, std::string>>;

values values_of(std::string_view text) {
    const parse_result parsed = parse<influx_lines>(text);
    values all;
    if (parsed) {
        each_value<influx_lines>(parsed.line,
                                 [&](std::string_view dimension, std::string_view number) {
                                     all.emplace_back(dimension, number);
                                 });
    }
    return all;
}

bool is_line(std::string_view text) { return static_cast<bool>(parse<influx_lines>(text)); }

}  // namespace

TEST_CASE("an Influx line has the chart as its measurement, host and tags, a field and seconds") {
    CHECK(line({"shop", "web-1", {}}, 86.5) ==
          "shop.system.cpu,host=web-1 user=86.5000000 1795367461\n");
    CHECK(line({"", "web-1", {}}, 86.5) == "system.cpu,host=web-1 user=86.5000000 1795367461\n");
    const std::string labels = detail::pack({{"core", "7 b"}});
    CHECK(line({"shop", "web-1", {{"dc", "fra"}}}, std::int64_t{-3}, label_list{labels}) ==
          "shop.system.cpu,host=web-1,dc=fra,core=7\\ b user=-3 1795367461\n");
}

TEST_CASE("what separates is escaped where it would separate") {
    CHECK(spelled(name_field::chart, "a b,c=d") == "a\\ b\\,c=d");
    CHECK(spelled(name_field::prefix, "a b,c=d") == "a\\ b\\,c=d");
    CHECK(spelled(name_field::dimension, "a b,c=d") == "a\\ b\\,c\\=d");
    CHECK(spelled(name_field::tag_name, "a b,c=d") == "a\\ b\\,c\\=d");
    CHECK(spelled(name_field::tag_value, "a b,c=d") == "a\\ b\\,c\\=d");
    CHECK(spelled(name_field::hostname, "a b,c=d") == "a\\ b\\,c\\=d");
    CHECK(spelled(name_field::chart, "disk./dev/sda (1)") == "disk./dev/sda\\ (1)");
}

TEST_CASE("what receivers read in different ways is replaced") {
    CHECK(spelled(name_field::chart, "a\\b", false) == "a_b");
    CHECK(spelled(name_field::dimension, "a\\", false) == "a_");
    CHECK(spelled(name_field::dimension, "a\"b\"", false) == "a_b_");
    CHECK(spelled(name_field::tag_value, "a\nb\tc\x7f", false) == "a_b_c_");
    CHECK(spelled(name_field::tag_value, std::string_view{"\0", 1}, false) == "_");
    CHECK(spelled(name_field::chart,
                  "gr\xc3\xb6\xc3\x9f"
                  "e") ==
          "gr\xc3\xb6\xc3\x9f"
          "e");
    CHECK(spelled(name_field::chart, "a\xff", false) == "a\xef\xbf\xbd");
}

TEST_CASE("no name is empty, a comment, or one that receivers keep for themselves") {
    CHECK(spelled(name_field::chart, "", false) == "-");
    CHECK(spelled(name_field::hostname, "", false) == "_");
    CHECK(spelled(name_field::tag_value, "_x") == "_x");
    CHECK(spelled(name_field::chart, "_x", false) == "-x");
    CHECK(spelled(name_field::tag_name, "_field", false) == "-field");
    CHECK(spelled(name_field::dimension, "\\x", false) == "-x");
    CHECK(spelled(name_field::chart, "#x", false) == "-x");
    CHECK(spelled(name_field::dimension, "#x") == "#x");
    CHECK(spelled(name_field::dimension, "time", false) == "time_");
    CHECK(spelled(name_field::tag_name, "time", false) == "time_");
    CHECK(spelled(name_field::tag_name, "host", false) == "host_");
    CHECK(spelled(name_field::dimension, "host") == "host");
    CHECK(spelled(name_field::chart, "time") == "time");
}

TEST_CASE("the parser reads every field of a line") {
    CHECK(values_of("p.c,host=h a=1 17") == values{{"a", "1"}});
    CHECK(values_of("p.c,host=h,dc=fra a=1,b\\,b=-2.5000000,c\\ =0 17") ==
          values{{"a", "1"}, {"b\\,b", "-2.5000000"}, {"c\\ ", "0"}});
    const parsed_line read = parse<influx_lines>("p.c,host=h,dc=fra a=1,b=2 17").line;
    CHECK(read.path == "p.c");
    CHECK(read.chart == "");
    CHECK(read.hostname == "h");
    CHECK(read.tags == ",dc=fra");
    CHECK(read.fields == "a=1,b=2");
    CHECK(read.dimension == "a");
    CHECK(read.number == "1");
    CHECK(read.at == 17);
}

TEST_CASE("the parser takes no line that the renderer cannot write") {
    for (const char* const text : {"",
                                   "c,host=h 17",
                                   "c,host=h a=1",
                                   "c a=1 17",
                                   "c,host=h a=1, 17",
                                   "c,host=h ,a=1 17",
                                   "c,host=h a=1,,b=2 17",
                                   "c,host=h a=1,b 17",
                                   "c,host=h a=1i 17",
                                   "c,host=h a=\"x\" 17",
                                   "c,host=h a=1,b=x 17",
                                   "c,host=h a=1 b=2 17",
                                   "c,host=h a=1 0",
                                   "c,host=h a=1 17 ",
                                   "#c,host=h a=1 17",
                                   "_c,host=h a=1 17",
                                   "c,host=h time=1 17",
                                   "c,host=h,host=x a=1 17",
                                   "c,host=h,t a=1 17",
                                   "c,host= a=1 17",
                                   "c,host=h a\\=1 17",
                                   "c,host=h a=1\\,b=2 17",
                                   "c,host=h a\\b=1 17",
                                   "c,host=h a=01 17",
                                   "c,host=h a=-0 17"}) {
        INFO(text);
        CHECK_FALSE(is_line(text));
    }
}

TEST_CASE("each value of a line without fields is its only one") {
    const parse_result one = parse<influx_lines>("c,host=h a=1 17");
    REQUIRE(one);
    parsed_line plain;
    plain.number = "3";
    int calls = 0;
    each_value<influx_lines>(plain, [&](std::string_view dimension, std::string_view number) {
        CHECK(dimension == "");
        CHECK(number == "3");
        ++calls;
    });
    CHECK(calls == 1);
}

TEST_CASE("the laws of a format hold for any bytes in Influx lines") {
    std::string all;
    for (int c = 0; c < 256; ++c) {
        all += static_cast<char>(c);
    }
    for (std::size_t from = 0; from < all.size(); ++from) {
        const std::string name = all.substr(from, 3);
        CHECK(testing::wire_format_laws<influx_lines>::broken({name, name, {{name, name}}}, name,
                                                              name, 1795367461, 86.5) == "");
    }
}
