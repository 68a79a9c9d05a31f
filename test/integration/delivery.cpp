// SPDX-License-Identifier: BSL-1.0
#include "loopback.hpp"

#include "catch.hpp"

using backends::options;
using backends::seconds;
using test::closed_port;
using test::exported;
using test::loopback_peer;
using test::numbers_in;
using test::up_to;

TEST_CASE("every sample arrives once, in order, and is confirmed") {
    loopback_peer peer;
    exported e{options{.destination = peer.address()}};
    for (int i = 0; i < 10; ++i) {
        e.second(peer);
    }
    REQUIRE(e.until_confirmed(peer));
    CHECK(numbers_in(peer.connections()) == up_to(10));
    CHECK(peer.connections().size() == 1);
    CHECK(e.counters().confirmed.lines == 10);
    CHECK(e.counters().balanced());
}

TEST_CASE("a refused destination is left for the next one at once") {
    const closed_port nobody;
    loopback_peer second;
    exported e{options{.destination = nobody.address() + " " + second.address()}};
    e.second(second);
    REQUIRE(e.until_confirmed(second));
    CHECK(numbers_in(second.connections()) == up_to(1));
    REQUIRE_FALSE(e.failures().empty());
    CHECK(e.failures().front() == std::errc::connection_refused);
}

TEST_CASE("a name's addresses are tried in turn, v6 and v4") {
    loopback_peer peer;  // on 127.0.0.1 alone, while localhost may be ::1 first
    exported e{options{.destination = "localhost:" + std::to_string(peer.port()),
                       .timeout = seconds{100'000}}};
    e.second(peer);
    REQUIRE(e.until_confirmed(peer));
    CHECK(numbers_in(peer.connections()) == up_to(1));
}

TEST_CASE("when all destinations refuse, batches are kept, and arrive when one is back") {
    loopback_peer peer;
    peer.stop_listening();
    exported e{options{.destination = peer.address()}};
    for (int i = 0; i < 5; ++i) {
        e.second();
    }
    CHECK(e.counters().queued.lines == 5);
    peer.listen_again();
    REQUIRE(e.until_confirmed(peer));
    CHECK(numbers_in(peer.connections()) == up_to(5));
    CHECK(e.counters().balanced());
}

TEST_CASE("batches over `buffer on failures` push out the oldest, counted") {
    loopback_peer peer;
    peer.stop_listening();
    exported e{options{.destination = peer.address(), .buffer_on_failures = 3}};
    for (int i = 0; i < 8; ++i) {
        e.second();
    }
    CHECK(e.counters().dropped[static_cast<std::size_t>(backends::drop_reason::overflow)].lines ==
          5);
    peer.listen_again();
    REQUIRE(e.until([&] { return e.counters().queued.lines + e.counters().in_flight.lines == 0; },
                    peer));
    CHECK(numbers_in(peer.connections()) == up_to(8, 6));
    CHECK(e.counters().confirmed.lines == 3);
    CHECK(e.counters().balanced());
}

TEST_CASE("drop_newest keeps the oldest batches instead") {
    loopback_peer peer;
    peer.stop_listening();
    exported<test::stepped<backends::confirm::acked, backends::drop_newest>> e{
        options{.destination = peer.address(), .buffer_on_failures = 3}};
    for (int i = 0; i < 8; ++i) {
        e.second();
    }
    peer.listen_again();
    REQUIRE(e.until([&] { return e.counters().queued.lines + e.counters().in_flight.lines == 0; },
                    peer));
    CHECK(numbers_in(peer.connections()) == up_to(3));
}

TEST_CASE("a receiver that is killed and restarted misses nothing it acknowledged having read") {
    loopback_peer peer;
    exported e{options{.destination = peer.address(), .buffer_on_failures = 100}};
    for (int i = 0; i < 40; ++i) {
        e.second(peer);
        if (i % 7 == 3) {
            REQUIRE(e.until([&] { return peer.connected(); }, peer));
            peer.stop_listening();
            peer.reset_connection();
        } else if (i % 7 == 5) {
            peer.listen_again();
        }
    }
    peer.listen_again();
    REQUIRE(e.until_confirmed(peer));
    const auto got = numbers_in(peer.connections());
    CHECK(std::set<int>(got.begin(), got.end()).size() == 40);
    CHECK(e.counters().confirmed.lines == 40);
    CHECK(e.counters().balanced());
    CHECK(e.counters().reconnects >= 4);
}

TEST_CASE("a slow reader sees whole lines although each write is partial") {
    loopback_peer peer{0, 4096};
    // The test's time runs ahead of the kernel's, which delays its acknowledgements.
    exported e{options{
        .destination = peer.address(), .buffer_on_failures = 1000, .timeout = seconds{100'000}}};
    peer.reads_at_most = 37;
    for (int i = 0; i < 300; ++i) {
        e.second(peer);
    }
    peer.reads_at_most = 0;
    REQUIRE(e.until_confirmed(peer));
    CHECK(numbers_in(peer.connections()) == up_to(300));
}

TEST_CASE("a peer that closes after each line loses nothing") {
    loopback_peer peer;
    exported e{options{.destination = peer.address(), .buffer_on_failures = 1000}};
    for (int i = 0; i < 20; ++i) {
        e.second(peer);
        REQUIRE(e.until(
            [&] {
                return !peer.connections().empty() &&
                       numbers_in(peer.connections().back()).size() > 0;
            },
            peer));
        peer.close_connection();
    }
    REQUIRE(e.until_confirmed(peer));
    const auto got = numbers_in(peer.connections());
    CHECK(std::set<int>(got.begin(), got.end()).size() == 20);
    CHECK(e.counters().balanced());
}

TEST_CASE("a destination that takes nothing for long is left for the next") {
    loopback_peer stuck{0, 4096};
    loopback_peer second;
    stuck.reads = false;
    exported e{options{.destination = stuck.address() + "," + second.address(),
                       .buffer_on_failures = 100'000}};
    // More than the stuck one's buffers take, so that acknowledgements cease.
    for (int i = 0; i < 3000; ++i) {
        e.second(stuck, second);
        if (second.connected()) {
            break;
        }
    }
    REQUIRE(e.until(
        [&] { return second.connected() && e.counters().confirmed == e.counters().accepted; },
        stuck, second));
    CHECK(e.counters().stalls >= 1);
    CHECK(e.counters().balanced());
}

TEST_CASE("replies are read, counted and thrown away") {
    loopback_peer peer;
    exported e{options{.destination = peer.address()}};
    e.second(peer);
    REQUIRE(e.until([&] { return peer.connected(); }, peer));
    peer.reply("hello\r\n\x1b[2J\0and more without an end");
    REQUIRE(e.until([&] { return e.counters().received_bytes == 11; }, peer));
    CHECK(e.counters().rejected == 0);
    e.second(peer);
    REQUIRE(e.until_confirmed(peer));
}

TEST_CASE("stop delivers what is left, ends the stream in order, and returns at once") {
    loopback_peer peer;
    exported e{options{.destination = peer.address()}};
    e.second(peer);
    e.second(peer);
    e->request_stop(backends::seconds{5});
    REQUIRE(e.until([&] { return peer.saw_end(); }, peer));
    CHECK(numbers_in(peer.connections()) == up_to(2));
    CHECK(e.counters().confirmed.lines == 2);
}
