// SPDX-License-Identifier: BSL-1.0
//
// Labels of a chart in its lines: after the exporter's own tags, in every format, wherever that has
// its tags.
#include <backends/format/label_texts.hpp>

#include <backends/core/labels.hpp>
#include <backends/core/list.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/format/json_plaintext.hpp>
#include <backends/format/opentsdb_telnet.hpp>
#include <backends/format/renderer.hpp>
#include <backends/testing/wire_format_laws.hpp>

#include "catch.hpp"

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace backends;

constexpr unix_seconds at = 1'795'367'461;

struct labelled {
    std::string packed;
    explicit labelled(const std::vector<tag>& labels) : packed{detail::pack(labels)} {}
    operator label_list() const { return label_list{packed}; }  // NOLINT
};

template <class Lines>
std::string line(Lines& lines, std::uint32_t series, unix_seconds when = at) {
    std::vector<char> room(lines.max_line() + lines.line_slack, '#');
    return {room.data(), lines.line(room.data(), series, when, 7)};
}
template <class Lines>
std::uint32_t add(Lines& lines, std::string_view chart, const std::vector<tag>& labels = {}) {
    std::uint32_t series = 0;
    REQUIRE_FALSE(lines.add(chart, "d", series, labelled{labels}));
    return series;
}
template <class Format, class Rule = replace>
std::error_code refusal(std::vector<tag> tags, const std::vector<tag>& labels) {
    renderer<Format, Rule> lines{{"p", "h", std::move(tags)}};
    std::uint32_t series = 0;
    const std::error_code error = lines.add("c", "d", series, labelled{labels});
    REQUIRE(lines.size() == (error ? 0 : 1));
    return error;
}
std::vector<tag> many(std::size_t n) {
    std::vector<tag> all;
    for (std::size_t i = 0; i < n; ++i) {
        all.emplace_back("t" + std::to_string(i), "v");
    }
    return all;
}

// Its tags stand between two times, which would be one text otherwise.
struct amid_times : format_defaults {
    static constexpr std::string_view name = "amid_times";
    static constexpr std::uint16_t default_port = 1;
    static constexpr auto line = grammar(
        field::chart, lit<".">, field::dimension, lit<" ">, field::value, lit<" @">,
        field::unix_time, lit<" ">, field::hostname, field::tags<"{", "=", ",", "}">, lit<"\n">);
};
struct without_tags : format_defaults {
    static constexpr std::string_view name = "without_tags";
    static constexpr std::uint16_t default_port = 1;
    static constexpr auto line = grammar(field::chart, lit<".">, field::dimension, lit<" ">,
                                         field::value, lit<" ">, field::unix_time, lit<"\n">);
};

}  // namespace

TEST_CASE("labels follow the exporter's own tags, in the order of their names") {
    const std::vector<tag> own{{"dc", "fra"}};
    const std::vector<tag> labels{{"status", "200"}, {"endpoint", "/cart"}};
    renderer<graphite_plaintext> graphite{{"p", "h", own}};
    CHECK(line(graphite, add(graphite, "c", labels)) ==
          "p.h.c.d;dc=fra;endpoint=/cart;status=200 7 1795367461\n");
    renderer<opentsdb_telnet> opentsdb{{"p", "h", own}};
    CHECK(line(opentsdb, add(opentsdb, "c", labels)) ==
          "put p.c.d 1795367461 7 host=h dc=fra endpoint=/cart status=200\n");
    renderer<json_plaintext> json{{"p", "h", own}};
    CHECK(line(json, add(json, "c", labels)) ==
          "{\"prefix\":\"p\",\"hostname\":\"h\",\"labels\":{\"dc\":\"fra\",\"endpoint\":\"/cart\","
          "\"status\":\"200\"},\"id\":\"c\",\"subid\":\"d\",\"value\":7,\"timestamp\": "
          "1795367461}\n");
}

TEST_CASE("an exporter without tags opens the list for a chart's labels") {
    const std::vector<tag> labels{{"a", "1"}};
    renderer<graphite_plaintext> graphite{{"p", "h", {}}};
    CHECK(line(graphite, add(graphite, "c", labels)) == "p.h.c.d;a=1 7 1795367461\n");
    renderer<opentsdb_telnet> opentsdb{{"p", "h", {}}};
    CHECK(line(opentsdb, add(opentsdb, "c", labels)) == "put p.c.d 1795367461 7 host=h a=1\n");
    renderer<json_plaintext> json{{"", "h", {}}};
    CHECK(line(json, add(json, "c", labels)) ==
          "{\"hostname\":\"h\",\"labels\":{\"a\":\"1\"},\"id\":\"c\",\"subid\":\"d\",\"value\":7,"
          "\"timestamp\": 1795367461}\n");
}

TEST_CASE("a time beside the tags moves on in the lines of every chart") {
    renderer<amid_times> lines{{"", "h", {}}};
    const auto plain = add(lines, "c");
    const auto own = add(lines, "c", {{"a", "1"}});
    CHECK(line(lines, plain, 5) == "c.d 7 @5 h\n");
    CHECK(line(lines, own, 5) == "c.d 7 @5 h{a=1}\n");
    CHECK(line(lines, own, 16) == "c.d 7 @16 h{a=1}\n");
    CHECK(line(lines, plain, 17) == "c.d 7 @17 h\n");
}

TEST_CASE("tags and labels together are at most the format's, over it the series is refused") {
    CHECK_FALSE(refusal<opentsdb_telnet>(many(3), {{"a", ""}, {"b", ""}, {"c", ""}, {"d", ""}}));
    CHECK(refusal<opentsdb_telnet>(many(4), {{"a", ""}, {"b", ""}, {"c", ""}, {"d", ""}}) ==
          errc::too_many_tags);
    CHECK_FALSE(refusal<graphite_plaintext>({}, many(32)));
    CHECK(refusal<graphite_plaintext>({}, many(33)) == errc::too_many_tags);
    CHECK(refusal<json_plaintext>({}, many(65)) == errc::too_many_tags);
    CHECK(refusal<without_tags>({}, {{"a", "b"}}) == errc::too_many_tags);
    CHECK_FALSE(refusal<without_tags>({}, {}));
}

TEST_CASE("a label that repeats a tag, as it is or made safe, is refused") {
    CHECK(refusal<json_plaintext>({{"dc", "fra"}}, {{"dc", "ber"}}) == errc::tag_repeated);
    CHECK(refusal<graphite_plaintext>({{"a_b", "1"}}, {{"a b", "2"}}) == errc::tag_repeated);
    CHECK(refusal<opentsdb_telnet>({}, {{"a b", "1"}, {"a:b", "2"}}) == errc::tag_repeated);
    CHECK_FALSE(refusal<json_plaintext>({{"a_b", "1"}}, {{"a b", "2"}}));
    // OpenTSDB's own.
    renderer<opentsdb_telnet> lines{{"p", "h", {}}};
    CHECK(line(lines, add(lines, "c", {{"host", "x"}})) ==
          "put p.c.d 1795367461 7 host=h _host=x\n");
}

TEST_CASE("the rule for names applies to labels") {
    CHECK(refusal<graphite_plaintext, reject>({}, {{"a b", "1"}}) == errc::name_refused);
    CHECK(refusal<opentsdb_telnet, reject>({}, {{"a", "1;"}}) == errc::name_refused);
    CHECK_FALSE(refusal<opentsdb_telnet, reject>({}, {{"a", "1"}}));
}

TEMPLATE_TEST_CASE("labels count for the longest line", "", graphite_plaintext, opentsdb_telnet,
                   json_plaintext) {
    renderer<TestType> lines{{"p", "h", {{"t", "v"}}}};
    add(lines, "c");
    const std::size_t plain = lines.max_line();
    add(lines, "c", {{"a", "1"}});
    const std::size_t more = lines.max_line() - plain;
    CHECK(more > 3);
    const std::size_t room = TestType::limits.line - lines.max_line();
    std::uint32_t series = 0;
    CHECK(lines.add("c", "d", series, labelled{{{"a", std::string(room + 2, 'x')}}}) ==
          errc::line_too_long);
    CHECK_FALSE(lines.add("c", "d", series, labelled{{{"a", std::string(room + 1, 'x')}}}));
    CHECK(lines.max_line() == TestType::limits.line);
}

TEMPLATE_TEST_CASE("series of one name and other labels are not one", "", graphite_plaintext,
                   opentsdb_telnet, json_plaintext) {
    renderer<TestType> lines{{"p", "h", {}}};
    add(lines, "c");
    add(lines, "c", {{"a", "1"}});
    add(lines, "c", {{"a", "2"}});
    add(lines, "c", {{"a", "1"}, {"b", "1"}});
    CHECK(lines.merged() == 0);
    CHECK(lines.is_merged(add(lines, "c", {{"b", "1"}, {"a", "1"}})));
}

TEMPLATE_TEST_CASE("series with labels come and go among others, whose lines stay as they are", "",
                   graphite_plaintext, opentsdb_telnet) {
    std::mt19937 random{3};
    renderer<TestType> lines{{"p", "h", {{"t", "v"}}}};
    std::map<std::uint32_t, std::string> expected;
    for (int step = 0; step < 3'000; ++step) {
        if (expected.empty() || random() % 8 < (step / 500 % 2 == 0 ? 5U : 3U)) {
            const std::string name = "c" + std::to_string(random() % 200);
            // The first hundreds have no labels.
            const std::uint32_t which = step < 300 ? 0 : static_cast<std::uint32_t>(random() % 3);
            const std::string value(which * 50, 'x');
            const auto series =
                add(lines, name, which == 0 ? std::vector<tag>{} : std::vector<tag>{{"a", value}});
            const std::string own =
                which == 0 ? ""
                           : (std::is_same_v<TestType, graphite_plaintext> ? ";a=" : " a=") + value;
            expected[series] = std::is_same_v<TestType, graphite_plaintext>
                                   ? "p.h." + name + ".d;t=v" + own + " 7 1795367461\n"
                                   : "put p." + name + ".d 1795367461 7 host=h t=v" + own + "\n";
        } else {
            auto one = expected.lower_bound(static_cast<std::uint32_t>(random() % lines.numbers()));
            one = one == expected.end() ? expected.begin() : one;
            lines.remove(one->first);
            expected.erase(one);
        }
        if (lines.is_wasteful()) {
            backends::detail::list<std::uint32_t> to(lines.numbers(), UINT32_MAX);
            std::map<std::uint32_t, std::string> moved;
            for (const auto& [series, text] : expected) {
                to[series] = static_cast<std::uint32_t>(moved.size());
                moved[to[series]] = text;
            }
            lines.keep(to);
            expected = moved;
        }
        if (step % 50 == 0) {
            for (const auto& [series, text] : expected) {
                REQUIRE(line(lines, series) == text);
            }
        }
    }
    lines.keep(backends::detail::list<std::uint32_t>(lines.numbers(), UINT32_MAX));
    CHECK(lines.text_bytes() == 0);
}

TEMPLATE_TEST_CASE("labels of any byte give one valid line", "", graphite_plaintext,
                   opentsdb_telnet, json_plaintext, amid_times) {
    using laws = testing::wire_format_laws<TestType>;
    for (int byte = 0; byte < 256; ++byte) {
        const std::string any(1, static_cast<char>(byte));
        const labelled labels{{{any, "~" + any}, {"z" + any, ""}}};
        CHECK(laws::broken({"p", "h", {{"tag", "v"}}}, "c", "d", at, 1e9, nullptr, labels) == "");
    }
}
