// SPDX-License-Identifier: BSL-1.0
//
// Several exporters driven together, through the kernel: what happens to one is nothing to the
// others.
#include <backends/exporter/exporters.hpp>

#include <backends/select/select.hpp>
#include <backends/transport/executor_group.hpp>
#include <backends/transport/http_post.hpp>

#include "catch.hpp"
#include "integration/loopback.hpp"
#include "support/http_peer.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/hana/tuple.hpp>

#include <cstdint>
#include <string>
#include <system_error>
#include <vector>

using backends::errc;
using test::http_peer;
using test::http_text;
using test::loopback_peer;
using test::numbers_in;
using test::stepped_clock;
using test::up_to;

namespace {

using over_tcp = backends::exporter<backends::sum, backends::graphite_plaintext, backends::tcp,
                                    backends::host, test::stepped<>>;
using post = backends::http_post<backends::tcp>;
using over_http = backends::exporter<backends::sum, backends::graphite_plaintext, post,
                                     backends::host, test::stepped<>>;

backends::options to(const std::string& address) {
    backends::options o{.destination = address, .update_every = backends::seconds{1}};
    o.self_monitoring = false;
    return o;
}

std::string text_of(const loopback_peer& peer) {
    std::string all;
    for (const std::string& one : peer.connections()) {
        all += one;
    }
    return all;
}

/// How many lines of a healthy receiver are confirmed after each second: alone, or beside a dead
/// one, a slow one and a refusing one.
std::vector<std::uint64_t> confirmed_by_second(bool alone) {
    backends::host host{"web-1"};
    auto& chart = host.add("app.queue", {"depth"});
    std::vector<std::error_code> failures;
    loopback_peer healthy;
    loopback_peer nobody;
    nobody.stop_listening();
    http_peer slow;
    slow.answer = [](const std::string&) { return ""; };
    http_peer refusing;
    refusing.answer = [](const std::string&) { return http_text(400); };

    over_tcp one{host, to(healthy.address()), backends::tcp{}, {&failures}};
    over_tcp dead{host, to(nobody.address()), backends::tcp{}, {&failures}};
    over_http waiting{host, to(slow.address()), post{}, {&failures}};
    over_http refused{host, to(refusing.address()), post{}, {&failures}};
    backends::exporters only{host, one};
    backends::exporters all{host, dead, waiting, one, refused};
    const auto step = [&] {
        stepped_clock::steady = stepped_clock::steady + backends::milliseconds(20);
        static_cast<void>(alone ? only.poll(stepped_clock::steady)
                                : all.poll(stepped_clock::steady));
        healthy.step();
        slow.step();
        refusing.step();
    };
    step();
    std::vector<std::uint64_t> confirmed;
    for (int n = 1; n <= 20; ++n) {
        REQUIRE(chart.record(++stepped_clock::wall, {static_cast<double>(n)}));
        for (int i = 0; i < 50; ++i) {
            step();
        }
        confirmed.push_back(one.counters().confirmed.lines);
    }
    CHECK(numbers_in(text_of(healthy)) == up_to(20));
    if (!alone) {
        const auto counters = all.counters();
        CHECK(counters[0].confirmed.lines == 0);
        CHECK(counters[0].accepted.lines == 20);
        CHECK(counters[0].failures > 0);
        CHECK(counters[1].confirmed.lines == 0);
        CHECK(counters[2].confirmed.lines == 20);
        CHECK(counters[2].lost().lines == 0);
        CHECK(counters[3].dropped_for(backends::drop_reason::rejected).lines == 20);
        for (const auto& one_of_them : counters) {
            CHECK(one_of_them.balanced());
        }
    }
    const auto stopped = [&](auto& group) {
        static_cast<void>(group.request_stop(backends::milliseconds(500)));
        for (int i = 0; i < 2'000 && !group.finished(); ++i) {
            step();
        }
        CHECK(group.finished());
        CHECK(group.poll(stepped_clock::steady) == backends::instant::never());
        for (const auto& result : group.stop(backends::seconds{1})) {
            CHECK_FALSE(result.error);
        }
    };
    alone ? stopped(only) : stopped(all);
    return confirmed;
}

using average_exporter =
    backends::exporter<backends::average, backends::graphite_plaintext, backends::tcp>;
using chosen_exporter = backends::select::any_exporter<
    backends::host, backends::tcp, backends::default_policies,
    boost::hana::tuple<boost::hana::type<backends::average>>,
    boost::hana::tuple<boost::hana::type<backends::graphite_plaintext>>>;

void record(backends::host& host) {
    auto& chart = host.add("app.queue", {"depth"});
    const auto now = backends::wall_clock().second;
    for (int i = 0; i < 3; ++i) {
        REQUIRE(chart.record(now - 3 + i, {2.0}));
    }
}

}  // namespace

TEST_CASE("a dead, a slow and a refusing receiver change nothing for the one beside them") {
    CHECK(confirmed_by_second(false) == confirmed_by_second(true));
}

TEST_CASE("one thread delivers to all receivers, and a stop has a result of each") {
    backends::host host{"web-1"};
    record(host);
    loopback_peer first;
    loopback_peer second;
    loopback_peer nobody;
    nobody.stop_listening();
    average_exporter one{host, to(first.address())};
    backends::select::settings s;
    s.set("enabled", "yes").set("self monitoring", "no").set("destination", second.address());
    chosen_exporter two{s, host};
    average_exporter dead{host, to(nobody.address())};
    backends::exporters all{host, one, two, dead};
    all.start();
    CHECK_THROWS_AS(all.start(), std::system_error);
    CHECK_THROWS_AS(one.start(), std::system_error);
    CHECK_FALSE(all.request_stop(backends::seconds{2}));
    for (int i = 0; i < 5'000 && !all.finished(); ++i) {
        first.step();
        second.step();
    }
    const auto results = all.stop(backends::seconds{2});
    CHECK(results[0].complete());
    CHECK(results[1].complete());
    CHECK_FALSE(results[2].error);
    CHECK(results[2].counters.dropped_for(backends::drop_reason::shutdown).lines == 1);
    CHECK(text_of(first).starts_with("netdata.web-1.app.queue.depth 2"));
    CHECK(text_of(second).starts_with("netdata.web-1.app.queue.depth 2"));
}

TEST_CASE("what is destroyed while it runs has stopped, each within its own time") {
    backends::host host{"web-1"};
    record(host);
    loopback_peer nobody;
    nobody.stop_listening();
    auto o = to(nobody.address());
    o.stop_within = backends::milliseconds(50);
    average_exporter one{host, o};
    average_exporter two{host, o};
    {
        backends::exporters all{host, one, two};
        all.start();
    }
    CHECK(one.finished());
    CHECK(two.finished());
    CHECK(two.counters().dropped_for(backends::drop_reason::shutdown).lines == 1);
}

TEST_CASE("exporters that nobody drives end at once, and those of an executor do not start") {
    boost::asio::io_context context;
    backends::host host{"web-1"};
    average_exporter one{host, to("127.0.0.1:1")};
    average_exporter other{host, to("127.0.0.1:1"), backends::tcp{context.get_executor()}};
    backends::exporters mixed{host, one, other};
    try {
        mixed.start();
        FAIL("it runs");
    } catch (const std::system_error& e) {
        CHECK(e.code() == errc::on_executor);
    }
    average_exporter idle{host, to("127.0.0.1:1")};
    backends::exporters alone{host, idle};
    CHECK(alone.stop(backends::seconds{1})[0].error == errc::not_driven);
    CHECK(alone.finished());
}

TEST_CASE("on an executor all run, and the whole completes when the last has stopped") {
    boost::asio::io_context context;
    backends::host host{"web-1"};
    record(host);
    loopback_peer first;
    loopback_peer second;
    average_exporter one{host, to(first.address()), backends::tcp{context.get_executor()}};
    average_exporter two{host, to(second.address()), backends::tcp{context.get_executor()}};
    backends::exporters all{host, one, two};
    int completed = 0;
    all.async_run([&](boost::system::error_code error) { completed += error ? 100 : 1; });
    CHECK(completed == 0);
    CHECK_FALSE(all.request_stop(backends::seconds{10}));
    for (int i = 0; i < 20'000 && completed == 0; ++i) {
        first.step();
        second.step();
        context.poll();
        context.restart();
    }
    CHECK(completed == 1);
    for (const auto& result : all.stop(backends::seconds{1})) {
        CHECK(result.complete());
    }
    CHECK(text_of(second) == text_of(first));
}

TEST_CASE("one that has no executor stops the others, and the error is told") {
    boost::asio::io_context context;
    backends::host host{"web-1"};
    average_exporter one{host, to("127.0.0.1:1"), backends::tcp{context.get_executor()}};
    average_exporter other{host, to("127.0.0.1:1")};
    backends::exporters all{host, one, other};
    std::error_code told;
    all.async_run([&](boost::system::error_code error) { told = error; });
    for (int i = 0; i < 20'000 && !told; ++i) {
        context.poll();
        context.restart();
    }
    CHECK(told == errc::no_executor);
    CHECK(one.finished());
}
