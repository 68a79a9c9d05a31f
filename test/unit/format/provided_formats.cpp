// SPDX-License-Identifier: BSL-1.0
//
// The provided formats, byte for byte. Quoted by docs/formats.md.
#include <backends/format/dogstatsd.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/format/influx_lines.hpp>
#include <backends/format/json_plaintext.hpp>
#include <backends/format/opentsdb_http.hpp>
#include <backends/format/opentsdb_telnet.hpp>
#include <backends/format/renderer.hpp>
#include <backends/format/statsd.hpp>
#include <backends/storage/host.hpp>

#include "catch.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace backends;

template <wire_format Format, class Value = double>
std::string line(std::vector<tag> tags = {}, Value value = Value{86.5},
                 const char* prefix = "shop") {
    renderer<Format> lines{{.prefix = prefix, .hostname = "web-1", .tags = std::move(tags)}};
    std::uint32_t series = 0;
    REQUIRE_FALSE(lines.add("system.cpu", "user", series));
    std::string room(lines.max_line() + lines.line_slack, '\0');
    char* const end = lines.line(room.data(), series, 1795367461, value);
    return {room.data(), end};
}

}  // namespace

TEST_CASE("the lines are what their receivers read") {
    //! [one_sample]
    const auto* const graphite = "shop.web-1.system.cpu.user 86.5000000 1795367461\n";
    const auto* const opentsdb = "put shop.system.cpu.user 1795367461 86.5000000 host=web-1\n";
    const auto* const json =
        "{\"prefix\":\"shop\",\"hostname\":\"web-1\",\"id\":\"system.cpu\",\"subid\":\"user\","
        "\"value\":86.5000000,\"timestamp\": 1795367461}\n";
    const auto* const influx = "shop.system.cpu,host=web-1 user=86.5000000 1795367461\n";
    const auto* const of_statsd = "shop.web-1.system.cpu.user:86.5000000|g\n";
    const auto* const of_dogstatsd = "shop.system.cpu.user:86.5000000|g|#host:web-1|T1795367461\n";
    const auto* const opentsdb_over_http =
        "{\"metric\":\"shop.system.cpu.user\",\"timestamp\":1795367461,\"value\":86.5000000,"
        "\"tags\":{\"host\":\"web-1\"}},\n";
    //! [one_sample]
    CHECK(line<statsd>() == of_statsd);
    CHECK(line<dogstatsd>() == of_dogstatsd);
    CHECK(line<opentsdb_http>() == opentsdb_over_http);
    CHECK(line<graphite_plaintext>() == graphite);
    CHECK(line<opentsdb_telnet>() == opentsdb);
    CHECK(line<json_plaintext>() == json);
    CHECK(line<influx_lines>() == influx);
}

TEST_CASE("tags stand where each format has them") {
    //! [tags]
    const std::vector<tag> tags{{"dc", "fra"}, {"rack", "7 b"}};
    const auto* const graphite =
        "shop.web-1.system.cpu.user;dc=fra;rack=7_b 86.5000000 1795367461\n";
    const auto* const opentsdb =
        "put shop.system.cpu.user 1795367461 86.5000000 host=web-1 dc=fra rack=7_b\n";
    const auto* const json =
        "{\"prefix\":\"shop\",\"hostname\":\"web-1\",\"labels\":{\"dc\":\"fra\",\"rack\":\"7 b\"},"
        "\"id\":\"system.cpu\",\"subid\":\"user\",\"value\":86.5000000,\"timestamp\": "
        "1795367461}\n";
    const auto* const influx =
        "shop.system.cpu,host=web-1,dc=fra,rack=7\\ b user=86.5000000 1795367461\n";
    const auto* const of_dogstatsd =
        "shop.system.cpu.user:86.5000000|g|#host:web-1,dc:fra,rack:7_b|T1795367461\n";
    const auto* const opentsdb_over_http =
        "{\"metric\":\"shop.system.cpu.user\",\"timestamp\":1795367461,\"value\":86.5000000,"
        "\"tags\":{\"host\":\"web-1\",\"dc\":\"fra\",\"rack\":\"7_b\"}},\n";
    //! [tags]
    CHECK(line<dogstatsd>(tags) == of_dogstatsd);
    CHECK(line<opentsdb_http>(tags) == opentsdb_over_http);
    CHECK(line<graphite_plaintext>(tags) == graphite);
    CHECK(line<opentsdb_telnet>(tags) == opentsdb);
    CHECK(line<json_plaintext>(tags) == json);
    CHECK(line<influx_lines>(tags) == influx);
}

TEST_CASE("labels stand after the exporter's tags") {
    //! [labels]
    host host{"web-1"};
    auto& cart =
        host.add("http", {"requests"}, {.labels = {{"status", "200"}, {"endpoint", "/cart"}}});
    const auto* const graphite = "shop.web-1.http.requests;dc=fra;endpoint=/cart;status=200";
    //! [labels]
    renderer<graphite_plaintext> lines{
        {.prefix = "shop", .hostname = host.hostname(), .tags = {{"dc", "fra"}}}};
    std::uint32_t series = 0;
    REQUIRE_FALSE(lines.add(cart.id(), cart.dimension(0).id, series, cart.labels()));
    std::string room(lines.max_line() + lines.line_slack, '\0');
    char* const end = lines.line(room.data(), series, 1795367461, 1);
    CHECK(std::string{room.data(), end} == std::string{graphite} + " 1 1795367461\n");
}

TEST_CASE("an empty prefix is left out, with what separates it") {
    CHECK(line<graphite_plaintext>({{"dc", "fra"}}, 86.5, "") ==
          "web-1.system.cpu.user;dc=fra 86.5000000 1795367461\n");
    CHECK(line<opentsdb_telnet>({}, 86.5, "") ==
          "put system.cpu.user 1795367461 86.5000000 host=web-1\n");
    CHECK(line<json_plaintext>({}, 86.5, "") ==
          "{\"hostname\":\"web-1\",\"id\":\"system.cpu\",\"subid\":\"user\","
          "\"value\":86.5000000,\"timestamp\": 1795367461}\n");
}

TEST_CASE("a prefix that is left out makes room for longer names") {
    const auto longest = [](const char* prefix) {
        renderer<opentsdb_telnet> lines{{.prefix = prefix, .hostname = "h"}};
        std::uint32_t series = 0;
        REQUIRE_FALSE(lines.add("c", "d", series));
        return lines.max_line();
    };
    CHECK(longest("") + 5 == longest("shop"));
}

TEST_CASE("integers stay integers in every format") {
    CHECK(line<graphite_plaintext>({}, std::int64_t{-3}) ==
          "shop.web-1.system.cpu.user -3 1795367461\n");
    CHECK(line<opentsdb_telnet>({}, UINT64_MAX) ==
          "put shop.system.cpu.user 1795367461 18446744073709551615 host=web-1\n");
    CHECK(line<json_plaintext>({}, std::int64_t{0}) ==
          "{\"prefix\":\"shop\",\"hostname\":\"web-1\",\"id\":\"system.cpu\",\"subid\":\"user\","
          "\"value\":0,\"timestamp\": 1795367461}\n");
}

TEST_CASE("names and ports are what configuration and receivers use") {
    CHECK(graphite_plaintext::name == "graphite");
    CHECK(graphite_plaintext::aliases[0] == "graphite:plaintext");
    CHECK(graphite_plaintext::default_port == 2003);
    CHECK(opentsdb_telnet::name == "opentsdb");
    CHECK(opentsdb_telnet::aliases[0] == "opentsdb:telnet");
    CHECK(opentsdb_telnet::default_port == 4242);
    CHECK(opentsdb_http::name == "opentsdb_http");
    CHECK(opentsdb_http::aliases[0] == "opentsdb:http");
    CHECK(opentsdb_http::default_port == 4242);
    CHECK(json_plaintext::name == "json");
    CHECK(json_plaintext::aliases[0] == "json:plaintext");
    CHECK(json_plaintext::default_port == 5448);
    CHECK(influx_lines::name == "influx");
    CHECK(influx_lines::aliases[0] == "influx:lines");
    CHECK(influx_lines::aliases[1] == "influxdb");
    CHECK(influx_lines::default_port == 8189);
    CHECK(statsd::name == "statsd");
    CHECK(statsd::default_port == 8125);
    CHECK(dogstatsd::name == "dogstatsd");
    CHECK(dogstatsd::aliases[0] == "datadog");
    CHECK(dogstatsd::default_port == 8125);
}

TEST_CASE("limits are below what receivers bear") {
    CHECK(graphite_plaintext::limits == format_limits{.line = 4'096, .component = 255, .tags = 32});
    CHECK(opentsdb_telnet::limits == format_limits{.line = 1'024, .component = 0, .tags = 7});
    CHECK(opentsdb_http::limits == format_limits{.line = 4'096, .component = 0, .tags = 7});
    CHECK(json_plaintext::limits == format_limits{.line = 16'384, .component = 0, .tags = 64});
    CHECK(influx_lines::limits == format_limits{.line = 8'192, .component = 0, .tags = 64});
    CHECK(statsd::limits == format_limits{.line = 1'432, .component = 0, .tags = 0});
    CHECK(dogstatsd::limits == format_limits{.line = 1'432, .component = 0, .tags = 64});
}

TEST_CASE("OpenTSDB's error lines are rejections, other replies are not") {
    CHECK(opentsdb_telnet::is_rejection("put: illegal argument: not enough arguments"));
    CHECK(opentsdb_telnet::is_rejection("put: unknown metric: No such name for 'metrics': 'x'"));
    CHECK(opentsdb_telnet::is_rejection("unknown command: puts.  Try `help'."));
    CHECK(opentsdb_telnet::is_rejection("Please throttle writes: 10000 RPCs waiting"));
    CHECK_FALSE(opentsdb_telnet::is_rejection(""));
    CHECK_FALSE(opentsdb_telnet::is_rejection("net.opentsdb.tools 2.4.0 built at revision"));
    CHECK_FALSE(graphite_plaintext::is_rejection("put: x"));
    CHECK_FALSE(json_plaintext::is_rejection("put: x"));
}
