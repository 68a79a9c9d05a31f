// SPDX-License-Identifier: BSL-1.0
//
// Lines over HTTP, through the kernel, to a server that answers well and badly.
#include <backends/source/average.hpp>
#include <backends/transport/chosen_transport.hpp>
#include <backends/transport/executor.hpp>
#include <backends/transport/http_post.hpp>

#include "catch.hpp"
#include "integration/loopback.hpp"
#include "support/http_peer.hpp"

#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <string>
#include <vector>

using backends::errc;
using test::http_peer;
using test::http_text;
using test::numbers_in;
using test::up_to;
using post = backends::http_post<backends::tcp>;

namespace {

using exported = test::exported<test::stepped<>, post>;

backends::options to(const http_peer& server) {
    return {.destination = "http://" + server.address()};
}

/// Without repetitions.
std::vector<int> once(std::vector<int> numbers) {
    std::sort(numbers.begin(), numbers.end());
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
    return numbers;
}

}  // namespace

TEST_CASE("every line arrives once over HTTP, however an answer is cut") {
    http_peer server;
    server.says_at_most = 1;
    exported e{to(server), post{{.target = "/write?db=shop"}}};
    for (int i = 0; i < 10; ++i) {
        e.second(server);
        REQUIRE(e.until_confirmed(server));
    }
    CHECK(numbers_in(server.bodies()) == up_to(10));
    CHECK(e.counters().confirmed.lines == 10);
    CHECK(e.failures().empty());
    CHECK(server.connections() == 1);
    CHECK(server.heads().front().starts_with(
        "POST /write?db=shop HTTP/1.1\r\nHost: " + server.address() + "\r\n"));
}

TEST_CASE("a line that the receiver's machine has is not confirmed before its program says yes") {
    http_peer server;
    server.answer = [](const std::string&) { return ""; };
    exported e{to(server)};
    e.second(server);
    REQUIRE(e.until([&] { return !server.bodies().empty(); }, server));
    for (int i = 0; i < 300; ++i) {
        e.step(server);
    }
    CHECK(e.counters().confirmed.lines == 0);
}

TEST_CASE("lines that the receiver puts off are sent again, and none is lost") {
    http_peer server;
    int puts_off = 3;
    server.answer = [&](const std::string&) {
        return --puts_off >= 0 ? http_text(503, "Retry-After: 1\r\n") : http_text(204);
    };
    exported e{to(server)};
    for (int i = 0; i < 10; ++i) {
        e.second(server);
    }
    REQUIRE(e.until_confirmed(server));
    CHECK(once(numbers_in(server.bodies())) == up_to(10));
    CHECK(e.counters().lost().lines == 0);
}

TEST_CASE("a connection that breaks within an answer loses no line") {
    http_peer server;
    int breaks = 2;
    server.answer = [&](const std::string&) {
        server.closes_after_it = --breaks >= 0;
        return server.closes_after_it ? "HTTP/1.1 200 O" : http_text(200, "", "thanks");
    };
    exported e{to(server)};
    for (int i = 0; i < 10; ++i) {
        e.second(server);
    }
    REQUIRE(e.until_confirmed(server));
    CHECK(once(numbers_in(server.bodies())) == up_to(10));
    CHECK(e.counters().lost().lines == 0);
    REQUIRE(e.failures().size() == 2);
    CHECK(e.failures().front() == backends::http_errc::cut_off);
}

TEST_CASE("a receiver that dies before it answers has confirmed nothing, and all is sent again") {
    http_peer server;
    server.resets_instead = true;
    exported e{to(server)};
    e.second(server);
    REQUIRE(e.until([&] { return server.bodies().size() == 2; }, server));
    CHECK(e.counters().confirmed.lines == 0);
    server.resets_instead = false;
    e.second(server);
    REQUIRE(e.until_confirmed(server));
    CHECK(once(numbers_in(server.bodies())) == up_to(2));
    CHECK(e.counters().lost().lines == 0);
}

TEST_CASE("a receiver that closes after each answer gets every line once, and fails never") {
    http_peer server;
    server.answer = [](const std::string&) { return http_text(200, "Connection: close\r\n"); };
    server.closes_after_it = true;
    exported e{to(server)};
    for (int i = 0; i < 5; ++i) {
        e.second(server);
    }
    REQUIRE(e.until_confirmed(server));
    CHECK(numbers_in(server.bodies()) == up_to(5));
    CHECK(e.failures().empty());
    CHECK(server.connections() >= 2);
}

TEST_CASE("an answer that fails is told with its status") {
    http_peer server;
    server.answer = [](const std::string&) { return http_text(404); };
    exported e{to(server)};
    e.second(server);
    REQUIRE(e.until([&] { return !e.failures().empty(); }, server));
    CHECK(e.failures().front() == std::error_code{404, backends::http_category()});
    server.answer = [](const std::string&) { return http_text(204); };
    REQUIRE(e.until_confirmed(server));
    CHECK(e.counters().lost().lines == 0);
}

TEST_CASE("a line that the receiver refuses is counted as rejected, and all others arrive") {
    http_peer server;
    std::vector<int> accepted;
    server.answer = [&](const std::string& body) {
        if (body.find("depth 13.") != std::string::npos) {
            return http_text(400, "", "unlucky number");
        }
        const auto numbers = numbers_in(body);
        accepted.insert(accepted.end(), numbers.begin(), numbers.end());
        return http_text(204);
    };
    exported e{to(server)};
    for (int i = 0; i < 20; ++i) {
        e.second(server);
    }
    REQUIRE(e.until(
        [&] { return e.counters().accepted == e.counters().confirmed + e.counters().lost(); },
        server));
    auto all_but_one = up_to(20);
    all_but_one.erase(all_but_one.begin() + 12);
    CHECK(once(accepted) == all_but_one);
    CHECK(e.counters().confirmed.lines == 19);
    CHECK(e.counters().dropped_for(backends::drop_reason::rejected).lines == 1);
    CHECK(e.counters().lost().lines == 1);
    CHECK(e.failures().empty());
}

TEST_CASE("a series is refused when twice its line may be more than what is on its way") {
    backends::host h{"h"};
    REQUIRE(h.add("c", {"short", "long" + std::string(180, 'g')}).record(1'700'000'000, {1, 1}));
    using exporter = backends::exporter<backends::average, backends::graphite_plaintext, post>;
    const auto refused = [&h](std::size_t on_the_way) {
        exporter e{h,
                   {.destination = "http://127.0.0.1:1",
                    .unacknowledged_bytes = on_the_way,
                    .self_monitoring = false}};
        return e.counters().refused_series;
    };
    CHECK(refused(1'024) == 1);
    CHECK(refused(4'096) == 0);
}

TEST_CASE("a transport that was chosen at run time refuses and confirms as it does by itself") {
    using chosen = backends::chosen_transport<backends::tcp, post>;
    static_assert(backends::borrowing_transport<chosen>);
    http_peer server;
    server.answer = [](const std::string& body) {
        return http_text(body.find("depth 3.") != std::string::npos ? 400 : 204);
    };
    test::exported<test::stepped<>, chosen> e{to(server), chosen{post{{.target = "/x"}}}};
    for (int i = 0; i < 5; ++i) {
        e.second(server);
    }
    REQUIRE(e.until(
        [&] { return e.counters().accepted == e.counters().confirmed + e.counters().lost(); },
        server));
    CHECK(e.counters().confirmed.lines == 4);
    CHECK(e.counters().dropped_for(backends::drop_reason::rejected).lines == 1);
    CHECK(e.failures().empty());
}

TEST_CASE("on a thread of its own and on an executor it delivers what it has") {
    const bool on_thread = GENERATE(true, false);
    http_peer server;
    boost::asio::io_context context;
    backends::host host{"web-1"};
    auto& queue = host.add("app.queue", {"depth"});
    backends::options o{.destination = server.address()};
    o.self_monitoring = false;
    backends::exporter<backends::average, backends::graphite_plaintext, post> e{
        host, o, on_thread ? post{} : post{{}, backends::tcp{context.get_executor()}}};
    bool completed = on_thread;
    if (on_thread) {
        e.start();
    } else {
        e.async_run([&](boost::system::error_code error) { completed = !error; });
    }
    const auto now = backends::wall_clock().second;
    for (int i = 0; i < 3; ++i) {
        static_cast<void>(queue.record(now - 3 + i, {2.0}));
    }
    static_cast<void>(e.request_stop(backends::seconds{10}));
    for (int i = 0; i < 20'000 && !(e.finished() && completed); ++i) {
        server.step();
        context.poll();
        context.restart();
    }
    CHECK(completed);
    REQUIRE(e.finished());
    const auto account = e.stop().counters;
    CHECK(account.accepted.lines == 1);
    CHECK(account.confirmed.lines == 1);
    REQUIRE(server.bodies().size() == 1);
    CHECK(server.bodies().front().starts_with("netdata.web-1.app.queue.depth 2"));
}
