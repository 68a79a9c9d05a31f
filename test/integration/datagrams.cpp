// SPDX-License-Identifier: BSL-1.0
//
// Exporters that send datagrams, driven all three ways, on real clocks and sockets: what they count
// as confirmed is what was sent, and what a receiver has read. The program's own sendmsg() stands
// before the system's: a system without memory cannot be had otherwise.
#include <backends/driver/observer.hpp>
#include <backends/exporter/exporter.hpp>
#include <backends/format/dogstatsd.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/format/statsd.hpp>
#include <backends/source/average.hpp>
#include <backends/source/sum.hpp>
#include <backends/transport/executor.hpp>
#include <backends/transport/udp.hpp>
#include <backends/transport/unix_datagram.hpp>

#include "catch.hpp"
#include "support/datagram_peer.hpp"
#include "support/temporary_folder.hpp"

#include <boost/asio/io_context.hpp>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

using backends::milliseconds;
using backends::options;
using backends::seconds;

namespace {

std::atomic<int> refusals{0};  // of the next calls
std::atomic<int> refused_with{0};
std::atomic<int> refused{0};
backends::instant first_refused{0};
backends::instant last_refused{0};

}  // namespace

extern "C" ssize_t sendmsg(int socket, const msghdr* message, int flags) {
    if (refusals > 0) {
        --refusals;
        last_refused = backends::system_clock::steady_now();
        if (refused++ == 0) {
            first_refused = last_refused;
        }
        errno = refused_with;
        return -1;
    }
    return ::syscall(SYS_sendmsg, socket, message, flags);
}

namespace {

void refuse(int times, int with) {
    refused_with = with;
    refused = 0;
    refusals = times;
}

struct unproved : backends::default_policies {
    using confirmation = backends::confirm::written;
};

template <class Source, class Format, class Transport, class Policies = unproved>
using exporter_of = backends::exporter<Source, Format, Transport, backends::host, Policies>;

options quiet(std::string destination) {
    return {.destination = std::move(destination),
            .prefix = "shop",
            .update_every = seconds{60},
            .begin = backends::begin_at::oldest,
            .self_monitoring = false};
}

/// So many charts of one value each, some of them negative.
void record(backends::host& h, int charts) {
    for (int i = 0; i != charts; ++i) {
        auto& one = h.add("chart" + std::to_string(i), {"d"});
        REQUIRE(one.record(1'700'000'000, {i % 10 == 0 ? -1.0 : 1.0}));
    }
}

/// Everything that was accepted is confirmed, and the peer has it.
template <class Exporter>
void all_arrived(const Exporter& e, const test::datagram_peer& peer) {
    const backends::counters all = e.counters();
    CHECK(all.balanced());
    CHECK(all.confirmed.lines == all.accepted.lines);
    CHECK(peer.lines() == all.accepted.lines);
    CHECK(peer.text().size() == all.accepted.bytes);
}

struct failures_heard : backends::no_observer {
    std::vector<std::error_code>* all = nullptr;

    void on_failure(const backends::destination&, std::error_code why) noexcept {
        all->push_back(why);
    }
};

}  // namespace

TEST_CASE("datagrams leave from a thread of the exporter's own") {
    test::datagram_peer peer;
    backends::host h{"h"};
    record(h, 500);
    exporter_of<backends::average, backends::statsd, backends::udp> e{h, quiet(peer.address())};
    e.start();
    CHECK(e.stop(seconds{20}).complete());
    peer.read();
    all_arrived(e, peer);
    CHECK(peer.lines() == 550);
    CHECK(peer.longest() <= 1'432);
    CHECK(peer.datagrams().size() < 20);
    CHECK(peer.text().starts_with("shop.h.chart0.d:0|g\nshop.h.chart0.d:-1.0000000|g\nshop.h.c"));
    for (const std::string& one : peer.datagrams()) {
        const std::string first = one.substr(0, one.find('\n') + 1);
        CHECK_FALSE(backends::statsd::adds(first));  // the 0 before it would be in another one
    }
}

TEST_CASE("datagrams leave when the exporter is polled") {
    const test::temporary_folder folder;
    test::datagram_peer peer{folder.path() + "/s"};
    backends::host h{"h"};
    record(h, 300);
    exporter_of<backends::sum, backends::dogstatsd, backends::unix_datagram> e{
        h, quiet(peer.address())};
    backends::instant now = backends::system_clock::steady_now();
    e.poll(now);
    e.request_stop(seconds{20});
    while (!e.finished()) {
        e.poll(now);
        now = now + milliseconds(1);
        peer.read();
    }
    all_arrived(e, peer);
    CHECK(peer.lines() == 300);
    CHECK(peer.longest() <= 8'192);
    CHECK(peer.text().starts_with("shop.chart0.d:-1.0000000|c|#host:h|T"));
}

TEST_CASE("datagrams leave on the user's io_context") {
    const test::temporary_folder folder;
    test::datagram_peer peer;
    test::datagram_peer at_path{folder.path() + "/s"};
    backends::host h{"h"};
    record(h, 100);
    boost::asio::io_context context;
    exporter_of<backends::sum, backends::statsd, backends::udp> one{
        h, quiet(peer.address()), backends::udp{context.get_executor()}};
    exporter_of<backends::sum, backends::statsd, backends::unix_datagram> other{
        h, quiet(at_path.address()), backends::unix_datagram{context.get_executor()}};
    int completed = 0;
    const auto done = [&completed](boost::system::error_code error) { completed += !error; };
    one.async_run(done);
    other.async_run(done);
    one.request_stop(seconds{20});
    other.request_stop(seconds{20});
    context.run();
    CHECK(completed == 2);
    peer.read();
    at_path.read();
    all_arrived(one, peer);
    all_arrived(other, at_path);
}

TEST_CASE("a receiver of datagrams that does not read loses nothing at a path") {
    const test::temporary_folder folder;
    test::datagram_peer peer{folder.path() + "/s"};
    backends::host h{"h"};
    record(h, 3'000);
    exporter_of<backends::average, backends::graphite_plaintext, backends::unix_datagram> e{
        h, quiet(peer.address()), backends::unix_datagram{{.datagram_bytes = 512}}};
    e.start();
    e.request_stop(seconds{60});
    while (e.counters().confirmed.lines == 0) {
        std::this_thread::yield();
    }
    CHECK(e.counters().confirmed.lines < 3'000);  // its queue is full, and the exporter waits
    while (!e.finished()) {
        peer.read(512, 1);
    }
    peer.read();
    all_arrived(e, peer);
    CHECK(peer.lines() == 3'000);
}

TEST_CASE("where nobody listens the failure is told, and the lines wait for who comes back") {
    test::datagram_peer peer;
    peer.go_away();
    backends::host h{"h"};
    record(h, 200);
    std::vector<std::error_code> failures;
    struct told : unproved {
        using observer = failures_heard;
    };
    failures_heard watching;
    watching.all = &failures;
    exporter_of<backends::sum, backends::statsd, backends::udp, told> e{h, quiet(peer.address()),
                                                                        backends::udp{}, watching};
    backends::instant now = backends::system_clock::steady_now();
    e.poll(now);
    e.request_stop(seconds{3'600});
    while (failures.size() < 3) {
        e.poll(now);
        now = now + milliseconds(20);
    }
    for (const std::error_code why : failures) {
        CHECK(why == std::errc::connection_refused);
    }
    CHECK(e.counters().failures == failures.size());
    // One datagram for each connection is lost: that is how one hears of it.
    const backends::counters away = e.counters();
    CHECK(away.confirmed.bytes <= failures.size() * 1'432);
    CHECK(away.queued.lines > 0);
    peer.open();
    while (!e.finished()) {
        e.poll(now);
        now = now + milliseconds(20);
        peer.read();
    }
    peer.read();
    CHECK(e.counters().balanced());
    CHECK(e.counters().confirmed.lines == 200);
    CHECK(peer.lines() == 200 - away.confirmed.lines);
}

TEST_CASE("where the system has no memory for a datagram, its lines wait for it") {
    test::datagram_peer peer;
    backends::host h{"h"};
    record(h, 500);
    exporter_of<backends::average, backends::statsd, backends::udp> e{h, quiet(peer.address())};
    const bool is_told = GENERATE(false, true);
    refuse(6, is_told ? EAGAIN : ENOBUFS);
    e.start();
    CHECK(e.stop(seconds{20}).complete());
    CHECK(refused == 6);
    CHECK(e.counters().failures == 0);
    CHECK(e.counters().connections == 1);
    peer.read();
    all_arrived(e, peer);
    CHECK(peer.lines() == 550);
    if (!is_told) {  // no event comes when there is some: looks 1, 2, 4, 8 and 16 ms later
        CHECK(last_refused - first_refused >= milliseconds(31));
    }
}

TEST_CASE("an exporter ends in time although there is no memory for its datagrams") {
    test::datagram_peer peer;
    backends::host h{"h"};
    record(h, 500);
    exporter_of<backends::average, backends::statsd, backends::udp> e{h, quiet(peer.address())};
    refuse(1'000'000, ENOBUFS);
    e.start();
    CHECK_FALSE(e.stop(milliseconds(50)).complete());
    CHECK(refused > 0);
    CHECK(refused < 100);
    refuse(0, 0);
    const backends::counters all = e.counters();
    CHECK(all.balanced());
    CHECK(all.confirmed.lines == 0);
    CHECK(all.lost().lines == 550);
    peer.read();
    CHECK(peer.lines() == 0);
}

TEST_CASE("a series whose line no datagram holds is refused when it is registered") {
    const test::datagram_peer peer;
    backends::host h{"h"};
    REQUIRE(h.add("c", {"short", "long" + std::string(180, 'g')}).record(1'700'000'000, {1, 1}));
    using exporter = exporter_of<backends::sum, backends::graphite_plaintext, backends::udp>;
    exporter narrow{h, quiet(peer.address()), backends::udp{{.datagram_bytes = 512}}};
    CHECK(narrow.counters().refused_series == 1);
    exporter usual{h, quiet(peer.address())};
    CHECK(usual.counters().refused_series == 0);
}
