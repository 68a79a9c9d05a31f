// SPDX-License-Identifier: BSL-1.0
#include <backends/format/renderer.hpp>

#include "catch.hpp"

#include <backends/core/list.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/format/json_plaintext.hpp>
#include <backends/format/opentsdb_telnet.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace backends;

constexpr unix_seconds at = 1'795'367'461;

template <class Lines, class Value>
std::string line(Lines& lines, std::uint32_t series, unix_seconds when, Value v) {
    std::vector<char> room(lines.max_line() + lines.line_slack, '#');
    return {room.data(), lines.line(room.data(), series, when, v)};
}

template <class Lines>
std::uint32_t add(Lines& lines, std::string_view chart, std::string_view dimension) {
    std::uint32_t series = 0;
    REQUIRE_FALSE(lines.add(chart, dimension, series));
    return series;
}

template <wire_format Format, name_rule Rule = replace>
std::string refusal(const identity& names) {
    try {
        renderer<Format, Rule>{names};
    } catch (const config_error& error) {
        return error.key();
    }
    return "nothing";
}

}  // namespace

TEST_CASE("series are numbered from zero and keep their lines while others are added") {
    renderer<graphite_plaintext> lines{{"p", "h", {}}};
    for (std::uint32_t i = 0; i < 5'000; ++i) {
        REQUIRE(add(lines, "chart" + std::to_string(i / 10), std::to_string(i % 10)) == i);
    }
    CHECK(lines.size() == 5'000);
    for (std::uint32_t i = 0; i < 5'000; ++i) {
        const std::string expected = "p.h.chart" + std::to_string(i / 10) + "." +
                                     std::to_string(i % 10) + " " + std::to_string(i) +
                                     " 1795367461\n";
        if (line(lines, i, at, i) != expected) {
            FAIL(expected);
        }
    }
}

TEST_CASE("names of every length are copied whole") {
    for (std::size_t length = 1; length <= 250; ++length) {
        renderer<graphite_plaintext> lines{{"p", "h", {}}};
        const std::string name(length, 'n');
        const auto series = add(lines, name, "d");
        CHECK(line(lines, series, at, 1) == "p.h." + name + ".d 1 1795367461\n");

        renderer<json_plaintext> objects{{"p", "h", {}}};
        const auto other = add(objects, name, "d");
        CHECK(line(objects, other, at, 1) ==
              "{\"prefix\":\"p\",\"hostname\":\"h\",\"id\":\"" + name +
                  "\",\"subid\":\"d\",\"value\":1,\"timestamp\": 1795367461}\n");
    }
}

TEST_CASE("the time is rendered again when it changes, shorter or longer") {
    renderer<json_plaintext> lines{{"p", "h", {}}};
    const auto series = add(lines, "c", "d");
    for (const unix_seconds when :
         {at, at + 1, unix_seconds{9}, INT64_MAX, unix_seconds{1}, at, at}) {
        CHECK(line(lines, series, when, 1) ==
              "{\"prefix\":\"p\",\"hostname\":\"h\",\"id\":\"c\",\"subid\":\"d\",\"value\":1,"
              "\"timestamp\": " +
                  std::to_string(when) + "}\n");
    }
}

TEST_CASE("no byte beyond the longest line and the slack is written") {
    renderer<opentsdb_telnet> lines{{"p", "h", {}}};
    const auto series = add(lines, "c", "d");
    const std::size_t room = lines.max_line() + lines.line_slack;
    for (const double v : {0.0, 1.5, 1e300, -std::numeric_limits<double>::max()}) {
        for (const unix_seconds when : {unix_seconds{1}, at, INT64_MAX}) {
            std::vector<char> out(room + 64, '#');
            const char* const end = lines.line(out.data(), series, when, v);
            CHECK(static_cast<std::size_t>(end - out.data()) <= lines.max_line());
            CHECK(std::string(out.begin() + static_cast<long>(room), out.end()) ==
                  std::string(64, '#'));
        }
    }
}

TEST_CASE("the longest line is as long as was promised") {
    renderer<graphite_plaintext> lines{{"p", "h", {}}};
    const auto series = add(lines, "c", "d");
    // All but one byte: a time that would need its sign is not allowed.
    CHECK(line(lines, series, INT64_MAX, -std::numeric_limits<double>::max()).size() + 1 ==
          lines.max_line());
    renderer<graphite_plaintext> integers{{"p", "h", {}}, max_number_chars<std::int64_t>};
    const auto other = add(integers, "c", "d");
    CHECK(line(integers, other, INT64_MAX, INT64_MIN).size() + 1 == integers.max_line());
}

TEST_CASE("a line over the format's limit is refused at registration, one below is not") {
    renderer<opentsdb_telnet> lines{{"p", "h", {}}};
    const std::size_t short_line = [&] {
        add(lines, "c", "d");
        return lines.max_line();
    }();
    const std::size_t left = opentsdb_telnet::limits.line - short_line;
    std::uint32_t series = 77;
    CHECK(lines.add("c" + std::string(left + 1, 'c'), "d", series) == errc::line_too_long);
    CHECK(series == 77);
    CHECK(lines.size() == 1);
    CHECK_FALSE(lines.add("c" + std::string(left, 'c'), "d", series));
    CHECK(series == 1);
    CHECK(lines.max_line() == opentsdb_telnet::limits.line);
}

TEST_CASE("a path component over Graphite's limit is refused, a longer path is not") {
    renderer<graphite_plaintext> lines{{"p", "h", {}}};
    const std::string component(255, 'c');
    add(lines, component + "." + component, component);
    std::uint32_t series = 0;
    CHECK(lines.add(component + "c", "d", series) == errc::name_too_long);
    CHECK(lines.add("c", "d." + component + "c", series) == errc::name_too_long);
    CHECK(lines.size() == 1);
}

TEST_CASE("an exporter's own names that the format cannot carry are named") {
    const std::string component(256, 'c');
    CHECK(refusal<graphite_plaintext>({component, "h", {}}) == "prefix");
    CHECK(refusal<graphite_plaintext>({"p", component, {}}) == "hostname");
    CHECK(refusal<graphite_plaintext, reject>({"p q", "h", {}}) == "prefix");
    CHECK(refusal<graphite_plaintext, reject>({"p", "", {}}) == "hostname");
    CHECK(refusal<graphite_plaintext, reject>({"p", "h", {{"a", "b c"}}}) == "tags");
    CHECK(refusal<graphite_plaintext>({"p", "h", {{"a", "1"}, {"a", "2"}}}) == "tags");
    CHECK(refusal<graphite_plaintext>({"p", "h", {{"a b", "1"}, {"a_b", "2"}}}) == "tags");
    CHECK(refusal<graphite_plaintext>({"p q", "", {{"a", "b c"}}}) == "nothing");
}

TEST_CASE("names of the exporter that leave no room for any series are refused at once") {
    const std::string long_name(1000, 'x');
    CHECK(refusal<opentsdb_telnet>({.prefix = long_name, .hostname = "h"}) == "prefix");
    CHECK(refusal<opentsdb_telnet>({.prefix = "p", .hostname = long_name}) == "hostname");
    CHECK(refusal<opentsdb_telnet>({.prefix = "p", .hostname = "h", .tags = {{"t", long_name}}}) ==
          "tags");
    CHECK(refusal<json_plaintext>({.prefix = "p", .hostname = std::string(3000, '\1')}) ==
          "hostname");

    // The longest that is not refused has room for a chart and a dimension of one byte.
    std::size_t longest = 600;
    while (refusal<opentsdb_telnet>({.prefix = std::string(longest + 1, 'x'), .hostname = "h"}) ==
           "nothing") {
        ++longest;
    }
    renderer<opentsdb_telnet> r{{.prefix = std::string(longest, 'x'), .hostname = "h"}};
    std::uint32_t series = 0;
    CHECK(!r.add("c", "d", series));
    CHECK(r.max_line() == opentsdb_telnet::limits.line);
    CHECK(r.add("c", "dd", series) == backends::errc::line_too_long);
}

TEST_CASE("as many tags as the format allows, and no more") {
    std::vector<tag> tags;
    for (int i = 0; i < 7; ++i) {
        tags.push_back({"t" + std::to_string(i), "v"});
    }
    CHECK(refusal<opentsdb_telnet>({"p", "h", tags}) == "nothing");
    tags.push_back({"one", "more"});
    CHECK(refusal<opentsdb_telnet>({"p", "h", tags}) == "tags");
}

TEST_CASE("the rule reject refuses what replace would change") {
    renderer<graphite_plaintext, reject> strict{{"p", "h", {}}};
    std::uint32_t series = 0;
    CHECK(strict.add("a b", "d", series) == errc::name_refused);
    CHECK(strict.add("a", "", series) == errc::name_refused);
    CHECK(strict.add("a..b", "d", series) == errc::name_refused);
    CHECK_FALSE(strict.add("a.b", "d", series));
    renderer<json_plaintext, reject> json{{"p", "h", {}}};
    CHECK_FALSE(json.add("any \"text\"\n", "é", series));
    CHECK(json.add("\xff", "d", series) == errc::name_refused);
}

TEST_CASE("a dimension keeps its dots unless the rule says otherwise") {
    renderer<graphite_plaintext> path{{"p", "h", {}}};
    CHECK(line(path, add(path, "a.b", "c.d"), at, 1) == "p.h.a.b.c.d 1 1795367461\n");
    renderer<graphite_plaintext, flat_dimensions> flat{{"p", "h", {}}};
    CHECK(line(flat, add(flat, "a.b", "c.d"), at, 1) == "p.h.a.b.c_d 1 1795367461\n");
}

TEST_CASE("different names that become one are reported, and both keep their line") {
    renderer<graphite_plaintext> lines{{"p", "h", {}}};
    const auto first = add(lines, "a b", "d");
    const auto other = add(lines, "a/b", "d");
    const auto dotted = add(lines, "a", "b.c");
    const auto joined = add(lines, "a.b", "c");
    CHECK(lines.merged() == 2);
    CHECK_FALSE(lines.is_merged(first));
    CHECK(lines.is_merged(other));
    CHECK_FALSE(lines.is_merged(dotted));
    CHECK(lines.is_merged(joined));
    CHECK(line(lines, first, at, 1) == line(lines, other, at, 1));
}

TEST_CASE("names that JSON keeps apart are not merged") {
    renderer<json_plaintext> json{{"p", "h", {}}};
    add(json, "a b", "d");
    add(json, "a/b", "d");
    add(json, "a", "b.c");
    add(json, "a.b", "c");
    CHECK(json.merged() == 0);
    add(json, "\xff", "d");
    add(json, "\xfe", "d");
    CHECK(json.merged() == 1);
}

TEST_CASE("among many names exactly the merged ones are counted") {
    renderer<graphite_plaintext> lines{{"p", "h", {}}};
    for (int i = 0; i < 20'000; ++i) {
        add(lines, "chart " + std::to_string(i), "d");
    }
    CHECK(lines.merged() == 0);
    for (int i = 0; i < 20'000; i += 2) {
        add(lines, "chart_" + std::to_string(i), "d");
    }
    CHECK(lines.merged() == 10'000);
}

TEST_CASE(
    "series that go leave their names and their memory to others, whose lines stay as they are") {
    std::mt19937 random{1};
    renderer<graphite_plaintext> lines{{"p", "h", {}}};
    std::map<std::uint32_t, std::string> names;
    std::size_t max_bytes = 0;
    for (int step = 0; step < 4'000; ++step) {
        const bool grows = step / 800 % 2 == 0;
        if (names.empty() || random() % 8 < (grows ? 5U : 3U)) {
            const std::string name = "c" + std::to_string(random() % 600);
            const bool is_there = std::any_of(names.begin(), names.end(), [&](const auto& other) {
                return other.second == name;
            });
            const std::uint32_t series = add(lines, name, "d");
            REQUIRE(lines.is_merged(series) == is_there);
            names[series] = name;
        } else {
            auto one = names.lower_bound(static_cast<std::uint32_t>(random() % lines.numbers()));
            one = one == names.end() ? names.begin() : one;
            lines.remove(one->first);
            names.erase(one);
        }
        if (lines.is_wasteful()) {
            backends::detail::list<std::uint32_t> to(lines.numbers(), UINT32_MAX);
            std::map<std::uint32_t, std::string> moved;
            for (const auto& [series, name] : names) {
                to[series] = static_cast<std::uint32_t>(moved.size());
                moved[to[series]] = name;
            }
            lines.keep(to);
            names = moved;
        }
        if (step % 50 == 0) {
            for (const auto& [series, name] : names) {
                REQUIRE(line(lines, series, at, 1) == "p.h." + name + ".d 1 1795367461\n");
            }
        }
        max_bytes = std::max(max_bytes, lines.text_bytes());
    }
    CHECK(max_bytes > 2'000);
    for (const auto& [series, name] : names) {
        lines.remove(series);
    }
    lines.keep(backends::detail::list<std::uint32_t>(lines.numbers(), UINT32_MAX));
    CHECK(lines.text_bytes() == 0);
    CHECK(lines.merged() == 0);
}
