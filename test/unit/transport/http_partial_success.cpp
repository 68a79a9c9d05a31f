// SPDX-License-Identifier: BSL-1.0
//
// Answers that except records, and what the requests of a format say of their exporter.
#include <backends/transport/http_post.hpp>

#include <backends/core/wall_clock.hpp>
#include <backends/exporter/exporter.hpp>
#include <backends/format/influx_lines.hpp>
#include <backends/format/opentsdb_http.hpp>
#include <backends/format/otlp_http.hpp>
#include <backends/instrument/histogram.hpp>
#include <backends/source/average.hpp>
#include <backends/transport/memory.hpp>

#include "catch.hpp"
#include "support/run_to_end.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

using namespace backends;
using namespace std::string_literals;

namespace {

using otlp_post = http_post_for<otlp_http, memory>;

/// An answer of 200 that takes n points back, n < 128.
std::string partial(int n, std::string_view why = "late") {
    const std::string told =
        "\x08"s + static_cast<char>(n) + "\x12" + static_cast<char>(why.size()) + std::string{why};
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(told.size() + 2) +
           "\r\n\r\n\x0a" + static_cast<char>(told.size()) + told;
}
constexpr std::string_view yes = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
constexpr std::string_view no = "HTTP/1.1 400 x\r\nContent-Length: 0\r\n\r\n";

/// A record of n bytes in all.
std::string record(std::size_t n, char c) {
    return "\x12"s + static_cast<char>(n - 2) + std::string(n - 2, c);
}

void open(otlp_post& t) {
    t.resource("");
    t.resolve({.host = "collector", .interface_name = "", .service = "4318"});
    t.connect(0);
    REQUIRE_FALSE(t.connected().error);
}
void answer(otlp_post& t, std::string_view text) {
    t.peer().with([&](auto& p) { p.replies += text; });
}

}  // namespace

TEST_CASE("the oldest points are refused where the receiver does not say which") {
    otlp_post t;
    open(t);
    const std::string all = record(10, 'a') + record(20, 'b') + record(30, 'c');
    REQUIRE(t.write_some(all).count == 60);
    answer(t, partial(2));
    std::array<char, 100> room;
    // Nothing counts as acknowledged before the refusal is told: the oldest would.
    const io_result text = t.read_some(room);
    CHECK(std::string_view{room.data(), text.count} == "HTTP 200 late\n");
    CHECK(t.unacknowledged() == 60U);
    const io_result told = t.read_some(room);
    CHECK(told.error == errc::refused);
    CHECK(told.count == 30);
    CHECK(t.unacknowledged() == 30U);
    CHECK(t.read_some(room).would_block());
    CHECK(t.unacknowledged() == 0U);
}

TEST_CASE("more points than there are take back all of them, none take back none") {
    for (const int n : {3, 100}) {
        otlp_post t;
        open(t);
        const std::string all = record(10, 'a') + record(20, 'b') + record(30, 'c');
        REQUIRE(t.write_some(all).count == 60);
        answer(t, partial(n, ""));
        std::array<char, 100> room;
        CHECK(t.read_some(room).count > 0);
        const io_result told = t.read_some(room);
        CHECK(told.error == errc::refused);
        CHECK(told.count == 60);
        CHECK(t.unacknowledged() == 0U);
    }
    otlp_post t;
    open(t);
    REQUIRE(t.write_some(record(10, 'a')).count == 10);
    answer(t, partial(0, "deprecated"));
    std::array<char, 100> room;
    const io_result text = t.read_some(room);
    CHECK(std::string_view{room.data(), text.count} == "HTTP 200 deprecated\n");
    CHECK(t.read_some(room).would_block());
    CHECK(t.unacknowledged() == 0U);
}

TEST_CASE("a request that is taken in part waits for the answers to older ones") {
    otlp_post t;
    open(t);
    std::array<char, 300> room;
    REQUIRE(t.write_some(record(9, 'x')).count == 9);
    answer(t, yes);
    CHECK(t.read_some(room).would_block());  // several may go from now on
    const std::string first = record(10, 'a') + record(20, 'b');
    REQUIRE(t.write_some(first).count == 30);
    // The first is on its way; the second goes too as soon as it is full.
    std::string second;
    while (second.size() < 131'000) {
        second += record(100, 'c');
    }
    REQUIRE(t.write_some(second).count == second.size());
    REQUIRE(t.write_some(record(120, 'd')).count == 120);
    const auto on_way = t.unacknowledged();
    REQUIRE(on_way == 30 + second.size() + 120);
    answer(t, no);
    answer(t, partial(2));
    // The halves of the first are answered after that of the second.
    std::size_t refused = 0;
    for (int i = 0; i < 20; ++i) {
        const io_result done = t.read_some(room);
        if (done.error == errc::refused) {
            CHECK(done.count == (refused == 0 ? 10 : refused == 10 ? 20 : 200));
            refused += done.count;
        }
        if (done.would_block() && refused < 30) {
            answer(t, no);
        }
    }
    CHECK(refused == 230);
    CHECK(t.unacknowledged() == 120U);
}

TEST_CASE("an exporter's requests have its resource, and it counts what is taken back") {
    host from{"web-1"};
    test::record_queue(from);
    const auto peer = std::make_shared<memory_peer>();
    exporter<average, otlp_http, otlp_post> e{
        from,
        {.destination = "db", .prefix = "shop", .tags = {{"dc", "fra"}}, .self_monitoring = false},
        otlp_post{{}, memory{peer}}};
    test::run_to_end(e, *peer, [](auto& p) {
        if (!p.received.empty() && p.replies.empty() && !p.half_closed &&
            !p.received.ends_with("answered")) {
            p.replies = partial(1);
            p.received += "answered";
        }
    });
    CHECK(e.counters().confirmed.lines == 1);
    CHECK(e.counters().dropped_for(drop_reason::rejected).lines == 1);
    const std::string request = peer->received();
    CHECK(request.starts_with("POST /v1/metrics HTTP/1.1\r\n"));
    CHECK(request.find("\r\nContent-Type: application/x-protobuf\r\n") != std::string::npos);
    const std::string resource =
        detail::resource_text<otlp_http, replace>::of({"shop", "web-1", {{"dc", "fra"}}});
    CHECK(request.find("\r\n\r\n\x0a") < request.find(resource));
    CHECK(request.find("service.name") < request.find("app.queue.depth"));
}

namespace {

/// What a transport tells of one request's answer: the reply's text, and the bytes refused.
template <class Format>
std::pair<std::string, std::size_t> told(std::string_view lines, std::string_view status,
                                         std::string_view body) {
    http_post_for<Format, memory> t;
    t.resolve({.host = "db", .interface_name = "", .service = "8086"});
    t.connect(0);
    REQUIRE_FALSE(t.connected().error);
    REQUIRE(t.write_some(lines).count == lines.size());
    t.peer().with([&](auto& p) {
        p.replies = "HTTP/1.1 " + std::string{status} +
                    "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
                    std::string{body};
    });
    std::array<char, 300> room;
    const io_result text = t.read_some(room);
    const io_result refused = t.read_some(room);
    if (refused.error == errc::refused) {
        CHECK(t.unacknowledged() == lines.size() - refused.count);
        CHECK(t.read_some(room).would_block());
        CHECK(t.unacknowledged() == 0U);
    }
    return {std::string{room.data(), text.count}, refused.count};
}

}  // namespace

TEST_CASE("a refusal that says how many records it is about accepts the others") {
    constexpr std::string_view lines = "one d=1 1\ntwo d=1 1\nthree d=1 1\n";
    using text_and_bytes = std::pair<std::string, std::size_t>;
    constexpr std::string_view influx =
        R"({"error":"partial write: field type conflict: input field \"d\" on measurement )"
        R"(\"one\" is type float, already exists as type string dropped=2"})";
    CHECK(told<influx_lines>(lines, "400 Bad Request", influx).second == 20);
    CHECK(told<influx_lines>(lines, "400 Bad Request", influx)
              .first.starts_with(R"(HTTP 400 {"error":"partial write: field)"));
    constexpr std::string_view points = "{\"m\":1},\n{\"m\":2},\n";
    CHECK(told<opentsdb_http>(points, "400 Bad Request", R"({"success":1,"failed":1})") ==
          text_and_bytes{"HTTP 400 {\"success\":1,\"failed\":1}\n", 9});
}

TEST_CASE("a refusal without a number is one of the whole request") {
    constexpr std::string_view lines = "one d=1 1\ntwo d=1 1\n";
    for (const char* body : {
             R"({"error":"unable to parse 'one': missing fields"})",
             R"({"error":"partial write: unable to parse 'one' dropped=0"})",  // it does not count
             R"({"error":"dropped=1"})",
             "partial write: so many words that the rest was cut off dropped=1",
             "partial write: unable to parse 'softnet dropped=17,squeezed=0 1': so many words",
             "partial write: dropped=99999999999999999999 ",
             "",
         }) {
        CAPTURE(body);
        CHECK(told<influx_lines>(lines, "400 Bad Request", body).second == 0);  // in halves now
    }
    CHECK(told<opentsdb_http>("{},\n{},\n", "400 Bad Request", R"({"failed":1)").second == 0);
    CHECK(told<opentsdb_http>("{},\n{},\n", "400 Bad Request", R"({"failed":-1,)").second == 0);
}

TEST_CASE("a histogram is one record in the account, taken back as any") {
    for (const int n : {0, 1}) {
        host from{"web-1"};
        auto& latency = from.instrument<histogram<>>("latency");
        const auto peer = std::make_shared<memory_peer>();
        exporter<average, otlp_http, otlp_post> e{
            from, {.destination = "db", .self_monitoring = false}, otlp_post{{}, memory{peer}}};
        latency.record(3);
        test::run_to_end(e, *peer, [n](auto& p) {
            if (!p.received.empty() && p.replies.empty() && !p.half_closed &&
                !p.received.ends_with("answered")) {
                p.replies = partial(n);
                p.received += "answered";
            }
        });
        CHECK(e.counters().accepted.lines == 1);
        CHECK(e.counters().confirmed.lines == (n == 0 ? 1 : 0));
        CHECK(e.counters().dropped_for(drop_reason::rejected).lines == (n == 0 ? 0 : 1));
        CHECK(e.counters().balanced());
        CHECK(peer->received().find("\x0a\x07latency\x52") != std::string::npos);
        CHECK(peer->received().find("p99") == std::string::npos);
    }
}
