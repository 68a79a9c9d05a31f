// SPDX-License-Identifier: BSL-1.0
#include <backends/format/otlp_http.hpp>

#include <backends/core/labels.hpp>
#include <backends/format/parser.hpp>
#include <backends/format/renderer.hpp>
#include <backends/source/as_collected.hpp>
#include <backends/source/average.hpp>
#include <backends/source/fused.hpp>
#include <backends/source/stored.hpp>
#include <backends/source/sum.hpp>
#include <backends/storage/host.hpp>

#include "catch.hpp"
#include "unit/format/messages.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

using namespace backends;
using namespace std::string_literals;

namespace {

using format = otlp_http;

std::string record(quantity says, double value = 86.5, label_list labels = {}) {
    return messages::record<format>({"shop", "web-1", {{"dc", "fra"}}}, "system.cpu", "user",
                                    1'795'367'461, value, labels, says);
}
/// What a metric has besides its name: the kind's number, and its fields.
messages::field data_of(std::string_view metric) {
    const auto fields = messages::fields(messages::only(metric, 2));
    REQUIRE(fields.size() == 2);
    CHECK(fields[0].number == 1);
    CHECK(fields[0].bytes == "system.cpu.user");
    return fields[1];
}
/// `key=value` of each attribute that is field `number`.
std::vector<std::string> attributes(std::string_view message, std::uint64_t number) {
    std::vector<std::string> all;
    for (const messages::field& one : messages::fields(message)) {
        if (one.number == number) {
            const auto pair = messages::fields(one.bytes);
            REQUIRE(pair.size() == 2);
            all.push_back(std::string{pair[0].bytes} + "=" +
                          std::string{messages::only(pair[1].bytes, 1)});
        }
    }
    return all;
}
std::vector<std::string> resource(const identity& names) {
    const std::string text = detail::resource_text<format, replace>::of(names);
    return attributes(messages::only(text, 1), 1);
}
std::string varint(std::size_t n) {
    std::string text;
    detail::append_varint(text, n);
    return text;
}

}  // namespace

TEST_CASE("a level is a gauge, byte for byte") {
    CHECK(record(quantity::level) ==
          "\x12\x27\x0a\x0fsystem.cpu.user"
          "\x2a\x14\x0a\x12\x19\x00\x32\x33\x8a\x31\x6d\xea\x18"
          "\x21\x00\x00\x00\x00\x00\xa0\x55\x40"s);
}

TEST_CASE("an amount is a delta sum, a total a cumulative monotonic one") {
    const std::string amount = record(quantity::amount);
    const messages::field delta = data_of(amount);
    CHECK(delta.number == 7);
    auto fields = messages::fields(delta.bytes);
    REQUIRE(fields.size() == 2);
    CHECK((fields[0].number == 2 && fields[0].value == 1));
    CHECK(fields[1].number == 1);
    const std::string total = record(quantity::total);
    fields = messages::fields(data_of(total).bytes);
    REQUIRE(fields.size() == 3);
    CHECK((fields[0].number == 2 && fields[0].value == 2));
    CHECK((fields[1].number == 3 && fields[1].value == 1));
    const auto point = messages::fields(fields[2].bytes);
    REQUIRE(point.size() == 2);
    CHECK((point[0].number == 3 && point[0].value == 1'795'367'461'000'000'000));
    CHECK((point[1].number == 4 && std::bit_cast<double>(point[1].value) == 86.5));
    CHECK(parse<format>(amount).line.says == quantity::amount);
    CHECK(parse<format>(total).line.says == quantity::total);
    CHECK(parse<format>(record(quantity::level)).line.says == quantity::level);
}

TEST_CASE("a chart's labels are a point's attributes, the exporter's tags are not") {
    const std::string labels = detail::pack({{"path", "/cart"}, {"dc", "k\xc3\xb6ln"}});
    const std::string text = record(quantity::level, 1, label_list{labels});
    const std::string_view point = messages::only(data_of(text).bytes, 1);
    CHECK(attributes(point, 7) == std::vector<std::string>{"dc=k\xc3\xb6ln", "path=/cart"});
}

TEST_CASE("the resource has host, service and tags") {
    using all = std::vector<std::string>;
    CHECK(resource({"shop", "web-1", {{"dc", "fra"}, {"zone", ""}}}) ==
          all{"dc=fra", "host.name=web-1", "service.name=shop", "zone=_"});
    CHECK(resource({"", "w\xff", {{"host.name", "x"}}}) ==
          all{"_host.name=x", "host.name=w\xef\xbf\xbd"});
    using strict = detail::resource_text<format, reject>;
    CHECK_THROWS_AS(strict::of({"shop", "w\xff", {}}), config_error);
    CHECK_THROWS_AS(resource({"shop", std::string(5'000, 'h'), {}}), config_error);
    CHECK_THROWS_AS(resource({"shop", "h", {{"a", "1"}, {"a", "2"}}}), config_error);
}

TEST_CASE("a body is a request with the resource, one scope and the metrics") {
    const std::string of_exporter = detail::resource_text<format, replace>::of({"s", "h", {}});
    for (const std::size_t metrics : {1U, 2U, 3U, 300U, 60'000U}) {
        std::string records;
        for (std::size_t i = 0; i < metrics; ++i) {
            records += record(quantity::level, static_cast<double>(i));
        }
        std::string room(otlp_body::room + of_exporter.size(), '?');
        room += records;
        char* const first = room.data() + room.size() - records.size();
        const char* const begin = otlp_body::begin(first, records.size(), of_exporter);
        REQUIRE(begin >= room.data());
        const std::string_view body{begin,
                                    static_cast<std::size_t>(room.data() + room.size() - begin)};
        const auto parts = messages::fields(messages::only(body, 1));
        REQUIRE(parts.size() == 2);
        CHECK((parts[0].number == 1 && parts[1].number == 2));
        CHECK(attributes(parts[0].bytes, 1) ==
              std::vector<std::string>{"host.name=h", "service.name=s"});
        const auto scope = messages::fields(parts[1].bytes);
        REQUIRE(scope.size() == 1 + metrics);
        CHECK((scope[0].number == 1 && messages::only(scope[0].bytes, 1) == "backends"));
        CHECK(scope.back().number == 2);
        CHECK(parts[1].bytes.ends_with(records));
    }
}

TEST_CASE("a partial success says how many points are not taken, and why") {
    CHECK(otlp_body::rejected("").records == 0);
    CHECK(otlp_body::rejected("\x0a\x00"s).records == 0);
    const std::string answer = "\x0a\x10\x08\xac\x02\x12\x0bout of time"s;
    CHECK(otlp_body::rejected(answer).records == 300);
    CHECK(otlp_body::rejected(answer).why == "out of time");
    // Whatever is cut or is not one at all says nothing more than it has.
    CHECK(otlp_body::rejected(answer.substr(0, 8)).records == 300);
    CHECK(otlp_body::rejected(answer.substr(0, 8)).why == "o");
    CHECK(otlp_body::rejected("{}").records == 0);
    const std::string negative = "\x08" + std::string(9, '\xff') + "\x01";
    CHECK(otlp_body::rejected("\x0a" + varint(negative.size()) + negative).records == 0);
    std::mt19937 random{1};
    for (int i = 0; i < 10'000; ++i) {
        std::string bytes(random() % 20, '\0');
        for (char& c : bytes) {
            c = static_cast<char>(random());
        }
        static_cast<void>(otlp_body::rejected(bytes));
    }
}

TEST_CASE("counters as collected are totals, other dimensions are levels") {
    host h{"h"};
    auto& rates = h.add("net", {"in"}, {.algorithm = incremental});
    auto& states = h.add("cpu", {"load"});
    auto& counts = h.add("http", {"requests"}, {.algorithm = difference});
    CHECK(detail::quantity_of<as_collected>(rates, 0) == quantity::total);
    CHECK(detail::quantity_of<as_collected>(states, 0) == quantity::level);
    CHECK(detail::quantity_of<as_collected>(counts, 0) == quantity::total);
    CHECK(detail::quantity_of<stored<average>>(rates, 0) == quantity::level);
    CHECK(detail::quantity_of<stored<sum>>(rates, 0) == quantity::amount);
    using both = stored<fused<average, sum>>;
    CHECK(detail::quantity_of<both>(rates, 0) == quantity::level);
    CHECK(detail::quantity_of<both>(rates, 1) == quantity::amount);
}

TEST_CASE("labels whose names hold each other's bytes are different labels") {
    renderer<format> lines{{"p", "h", {}}};
    std::uint32_t series = 0;
    const std::string apart = detail::pack({{"a\nb", "1"}, {"b", "2"}, {"a", "3"}});
    CHECK_FALSE(lines.add("c", "d", series, label_list{apart}));
    const std::string twice = detail::pack({{"\xff", "1"}, {"\xfe", "2"}});  // both become U+FFFD
    CHECK(lines.add("c", "d", series, label_list{twice}) == errc::tag_repeated);
}

TEST_CASE("what is too long for a request's beginning is told as it was given") {
    const auto complaint = [](const identity& names) -> std::string {
        try {
            static_cast<void>(resource(names));
            return "";
        } catch (const config_error& e) {
            return e.key() + "=" + e.value();
        }
    };
    const std::string longest(5'000, 'x');
    CHECK(complaint({longest, "h", {}}) == "prefix=" + longest);
    CHECK(complaint({"p", longest, {}}) == "hostname=" + longest);
    CHECK(complaint({"p", "h", {{"dc", longest}}}) == "tags=dc=" + longest);
}

TEST_CASE("any bytes in any name give one metric that the laws hold for") {
    messages::hold_for_any_bytes<format>(
        [](const identity& names, const std::string&) { REQUIRE(resource(names).size() >= 2); });
}
