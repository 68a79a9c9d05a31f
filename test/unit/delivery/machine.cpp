// SPDX-License-Identifier: BSL-1.0
#include <backends/delivery/machine.hpp>

#include "catch.hpp"
#include "unit/delivery/script.hpp"

#include <algorithm>
#include <string>

namespace {

using namespace backends;
using kind = action_kind;
using acked_script = script<delivery<>>;

}  // namespace

// ---- one connection

TEST_CASE("without a line there is nothing to do") {
    acked_script s;
    s.expect_nothing();
    CHECK(s.machine.deadline() == instant::never());
    s.put("a\n");
    s.connect();
    CHECK(s.machine.state() == delivery_phase::open);
}

TEST_CASE("a line is confirmed when it is acknowledged, not when it is written") {
    acked_script s;
    s.batch("one\ntwo\n");
    s.connect();
    CHECK(s.expect_write() == "one\ntwo\n");
    s.wrote(8, 8);
    CHECK(s.counters().in_flight == amount{2, 8});
    s.pass(milliseconds(5));
    s.expect(kind::ask);
    s.acknowledged(3);
    CHECK(s.counters().confirmed == amount{1, 4});
    CHECK(s.counters().in_flight == amount{1, 4});
    s.pass(milliseconds(5));
    s.expect(kind::ask);
    s.acknowledged(0);
    CHECK(s.counters().confirmed == amount{2, 8});
    s.expect_nothing();
    CHECK(s.machine.deadline() == instant::never());  // nothing is owed: the connection rests
}

TEST_CASE("a partial write goes on at the byte") {
    acked_script s;
    s.put("first\nsecond\n");
    s.connect();
    CHECK(s.expect_write() == "first\nsecond\n");
    s.wrote(9, 9);
    CHECK(s.expect_write() == "ond\n");
    CHECK(s.counters().writes == 1);
}

TEST_CASE("a transport without room is left alone until it is writable") {
    acked_script s;
    s.put("first\n");
    s.connect();
    s.expect_write();
    s.machine.would_block(s.now, s.last.attempt);
    s.expect_nothing();
    CHECK(s.machine.wants_writable());
    s.machine.writable(s.now, s.last.attempt + 1);  // of another connection
    s.expect_nothing();
    s.machine.writable(s.now, s.last.attempt);
    CHECK(s.expect_write() == "first\n");
}

TEST_CASE("a transport that cannot count confirms what it took") {
    acked_script s;
    s.put("one\ntwo\n");
    s.connect();
    s.expect_write();
    s.wrote(5, std::nullopt);
    CHECK(s.counters().confirmed == amount{1, 4});
}

TEST_CASE("no more is in flight than allowed, and writes end with a line") {
    acked_script s{{.max_in_flight = 16}};
    s.put("12345\n12345\n12345\n");
    s.connect();
    CHECK(s.expect_write() == "12345\n12345\n");
    s.wrote(12, 12);
    s.expect_nothing();  // 4 bytes of room would split a line
    s.pass(nanoseconds{100'000});
    s.expect(kind::ask);
    s.acknowledged(6);
    CHECK(s.expect_write() == "12345\n");
}

TEST_CASE("a line longer than what may be in flight goes in pieces") {
    acked_script s{{.max_in_flight = 8}};
    s.put("0123456789abcdef\n");
    s.connect();
    CHECK(s.expect_write() == "01234567");
    s.wrote(8, 8);
    s.expect_nothing();
    s.pass(milliseconds(1));
    s.expect(kind::ask);
    s.acknowledged(0);
    CHECK(s.expect_write() == "89abcdef");
    s.wrote(8, 0);
    CHECK(s.expect_write() == "\n");
    s.wrote(1, 0);
    CHECK(s.counters().confirmed == amount{1, 17});
}

TEST_CASE("the pauses between questions double while nothing is acknowledged") {
    acked_script s{{.stall_timeout = seconds{60}}};
    s.put("a\nb\n");
    s.connect();
    s.write_all();
    for (const std::int64_t pause : {5, 10, 20, 40, 80, 160, 200, 200}) {
        s.expect_nothing();
        CHECK(s.machine.deadline() == s.now + milliseconds(pause));
        s.pass(milliseconds(pause));
        s.expect(kind::ask);
        s.acknowledged(4);
    }
    s.pass(milliseconds(200));
    s.expect(kind::ask);
    s.acknowledged(2);
    CHECK(s.machine.deadline() == s.now + milliseconds(5));
}

TEST_CASE("an acknowledgement that nobody asked for makes room, and the next question comes soon") {
    acked_script s{{.max_in_flight = 4}};
    s.put("a\nb\nc\nd\n");
    s.connect();
    CHECK(s.expect_write() == "a\nb\n");
    s.wrote(4, 4);
    s.expect_nothing();
    s.machine.acknowledged_meanwhile(s.now, s.last.attempt, 0);
    CHECK(s.counters().confirmed.lines == 2);
    CHECK(s.expect_write() == "c\nd\n");
    s.wrote(4, 4);
    s.expect_nothing();
    CHECK(s.machine.deadline() == s.now + milliseconds(5));
    s.machine.acknowledged_meanwhile(s.now, s.last.attempt + 1, 0);  // of another connection
    CHECK(s.counters().confirmed.lines == 2);
    CHECK(s.counters().balanced());
}

TEST_CASE(
    "what was written without asking waits until somebody has asked, and no room is made up") {
    acked_script s{{.max_in_flight = 4}};
    s.put("a\nb\nc\nd\n");
    s.connect();
    CHECK(s.expect_write() == "a\nb\n");
    s.machine.wrote(s.now, s.last.attempt, 4);
    s.expect_nothing();
    CHECK(s.counters().in_flight.lines == 2);
    CHECK(s.counters().confirmed.lines == 0);
    s.machine.wrote(s.now, s.last.attempt, 4);  // nothing was to be written
    s.machine.acknowledged_meanwhile(s.now, s.last.attempt, 2);
    CHECK(s.counters().confirmed.lines == 1);
    CHECK(s.expect_write() == "c\n");
    s.machine.wrote(s.now, s.last.attempt, 2);
    s.expect_nothing();
    s.pass(milliseconds(5));
    s.expect(kind::ask);
    s.acknowledged(0);
    CHECK(s.expect_write() == "d\n");
    s.wrote(2, 0);
    CHECK(s.counters().confirmed.lines == 4);
    CHECK(s.counters().balanced());
}

TEST_CASE("when nothing more was acknowledged, when to ask next stays as it was") {
    acked_script s{{.stall_timeout = seconds{60}}};
    s.put("a\nb\n");
    s.connect();
    s.write_all();
    s.expect_nothing();
    const instant next_question = s.machine.deadline();
    for (int n = 0; n < 10; ++n) {
        s.machine.acknowledged_meanwhile(s.now, s.last.attempt, 4);
        s.expect_nothing();
        CHECK(s.machine.deadline() == next_question);
    }
    s.pass(milliseconds(5));
    s.expect(kind::ask);
    s.acknowledged(4);
    CHECK(s.machine.deadline() == s.now + milliseconds(10));
}

TEST_CASE("once our side is closed only an answer to a question counts as one") {
    script<delivery<confirm::epoch<4>>> s;
    s.put("a\nb\n");
    s.connect();
    s.write_all();
    s.expect(kind::half_close);
    s.expect_nothing();
    s.end_of_stream(4);
    s.machine.acknowledged_meanwhile(s.now, s.last.attempt, 0);
    s.pass(milliseconds(5));
    s.expect(kind::ask);
    s.acknowledged(0);
    CHECK(s.counters().confirmed.lines == 2);
    s.expect(kind::close);
}

TEST_CASE("replies are read and counted, a flood only at a bounded rate") {
    acked_script s{{.reply_budget = 100, .reply_interval = milliseconds(10)}};
    s.put("a\n");
    s.connect();
    const std::string reply(60, 'r');
    s.expect(kind::read);
    s.machine.received(s.now, s.last.attempt, reply, 2);
    s.expect(kind::read);
    s.machine.received(s.now, s.last.attempt, reply);
    s.write_all();  // the budget is spent, and writing goes on
    s.expect_nothing();
    CHECK_FALSE(s.machine.wants_readable());
    s.pass(milliseconds(10));
    s.expect(kind::read);
    s.machine.received(s.now, s.last.attempt, {});
    CHECK(s.machine.wants_readable());
    CHECK(s.counters().received_bytes == 120);
    CHECK(s.counters().rejected == 2);
    CHECK(s.counters().reads == 2);
}

// ---- connections that end

TEST_CASE("a new connection starts at the last unconfirmed line") {
    acked_script s;
    s.put("one\ntwo\nthree\n");
    s.connect();
    s.expect_write();
    s.wrote(10, 4);  // acknowledged up to inside "two"
    CHECK(s.counters().confirmed == amount{1, 4});
    s.fail(4);
    CHECK(s.counters().torn_tails == 1);
    CHECK(s.counters().failures == 1);
    CHECK(s.counters().queued == amount{2, 10});
    s.expect(kind::abort);
    s.pass(seconds{1});
    s.connect();
    CHECK(s.expect_write() == "two\nthree\n");
    s.wrote(10, 10);
    CHECK(s.counters().replayed == amount{2, 10});
    CHECK(s.counters().reconnects == 1);
}

TEST_CASE("a connection whose acknowledged bytes end inside a line may have torn it") {
    acked_script s;
    s.put("one\ntwo\n");
    s.connect();
    s.write_all();
    SECTION("inside") {
        s.fail(2);
        CHECK(s.counters().torn_tails == 1);
    }
    SECTION("between lines") {
        s.fail(4);
        CHECK(s.counters().torn_tails == 0);
    }
}

TEST_CASE("what the transport says at the end of a connection counts") {
    acked_script s;
    s.put("one\ntwo\n");
    s.connect();
    s.write_all();
    s.fail(0);
    CHECK(s.counters().confirmed == amount{2, 8});
    CHECK(s.counters().torn_tails == 0);
    CHECK(s.machine.queue().empty());
}

TEST_CASE("a peer that closes while nothing is owed is no failure") {
    acked_script s;
    s.batch("one\n");
    s.connect();
    s.expect_write();
    s.wrote(4, 0);
    s.expect_nothing();
    s.end_of_stream();
    CHECK(s.counters().failures == 0);
    s.expect(kind::close);
    s.pass(seconds{10});
    s.expect_nothing();
    CHECK(s.machine.state() == delivery_phase::idle);
    s.batch("two\n");
    s.connect();
}

TEST_CASE("the peer's end of stream is looked for before a new batch is written") {
    acked_script s;
    s.batch("one\n");
    s.connect();
    s.expect_write();
    s.wrote(4, 0);
    s.expect_nothing();
    s.pass(seconds{1});
    s.batch("two\n");
    s.expect(kind::read);
    s.end_of_stream();
    s.expect(kind::close);
    CHECK(s.counters().failures == 0);
    s.connect();  // at once: the old connection lived for a second
}

TEST_CASE("a peer that closes while a line is owed gets it again") {
    acked_script s;
    s.put("one\n");
    s.connect();
    s.write_all();
    s.end_of_stream(4);
    CHECK(s.counters().failures == 1);
    CHECK(s.counters().queued == amount{1, 4});
}

TEST_CASE("a useful connection is renewed at once, but not in a tight circle") {
    acked_script s;
    s.put("one\ntwo\n");
    s.connect();
    s.expect_write();
    s.wrote(4, 0);
    s.fail(0);
    s.expect(kind::close);
    s.expect_nothing();
    CHECK(s.machine.deadline() == s.now + milliseconds(100));
    s.pass(milliseconds(100));
    s.connect();
    s.pass(seconds{1});
    s.expect_write();
    s.wrote(4, 0);
    s.fail(0);
    s.put("three\n");
    s.expect(kind::close);
    s.expect(kind::resolve);
}

TEST_CASE("a peer that acknowledges nothing for too long is left, after a last question") {
    acked_script s{{.stall_timeout = seconds{2}, .ack_poll_max = seconds{10}}};
    s.put("one\ntwo\n");
    s.connect();
    s.write_all();
    s.pass(seconds{1});
    s.expect(kind::ask);
    s.acknowledged(7);  // progress by a byte
    s.pass(milliseconds(1999));
    s.expect(kind::ask);
    s.acknowledged(7);
    s.expect_nothing();
    s.pass(milliseconds(1));
    s.expect(kind::ask);
    s.acknowledged(4);  // just in time
    CHECK(s.counters().confirmed == amount{1, 4});
    s.pass(seconds{2});
    s.expect(kind::ask);
    s.acknowledged(4);
    s.expect(kind::abort);
    CHECK(s.counters().stalls == 1);
    CHECK(s.counters().failures == 1);
    CHECK(s.machine.last_error() == make_error_code(errc::timed_out));
}

TEST_CASE("bytes that arrive are progress, also while no line is acknowledged") {
    acked_script s{{.stall_timeout = seconds{2}, .ack_poll_max = seconds{10}}};
    s.put("one\ntwo\n");
    s.connect();
    s.write_all();
    for (std::uint64_t arrived = 1; arrived != 5; ++arrived) {
        s.pass(milliseconds(1999));
        s.expect(kind::ask);
        s.machine.arrived(s.now, s.last.attempt, arrived);
        s.acknowledged(8);
        s.expect_nothing();
    }
    s.pass(milliseconds(1999));
    s.expect(kind::ask);
    s.machine.arrived(s.now, s.last.attempt, 4);  // none since
    s.acknowledged(8);
    s.expect_nothing();
    s.pass(milliseconds(1));
    s.expect(kind::ask);
    s.machine.arrived(s.now, s.last.attempt, 4);
    s.acknowledged(8);
    s.expect(kind::abort);
    CHECK(s.counters().stalls == 1);
    s.machine.arrived(s.now, s.last.attempt, 5);  // of a connection that is over
    CHECK(s.counters().stalls == 1);
}

TEST_CASE("a stalled peer is left for the next destination, whatever it took before") {
    acked_script s{{.stall_timeout = seconds{2}}, 2};
    s.put("one\ntwo\n");
    s.connect();
    s.write_all();
    s.acknowledged(4);
    CHECK(s.counters().confirmed == amount{1, 4});
    s.pass(seconds{2});
    s.expect(kind::ask);
    s.acknowledged(4);
    s.expect(kind::abort);
    s.expect(kind::resolve);
    CHECK(s.machine.destination() == 1);
}

TEST_CASE("a peer that never has room is left as well") {
    acked_script s{{.stall_timeout = seconds{2}}};
    s.put("one\n");
    s.connect();
    s.expect_write();
    s.machine.would_block(s.now, s.last.attempt);
    s.expect_nothing();
    CHECK(s.machine.deadline() == s.now + seconds{2});
    s.pass(seconds{2});
    s.expect(kind::close);
    CHECK(s.counters().stalls == 1);
}

TEST_CASE("a transport that says it has room and never has is left as well") {
    acked_script s;
    s.batch("one\n");
    s.connect();
    s.expect_write();
    s.machine.would_block(s.now, s.last.attempt);
    s.expect_nothing();
    for (int n = 1; n != 4; ++n) {
        s.pass(seconds{5});
        s.machine.writable(s.now, s.last.attempt);
        s.expect_write();
        s.machine.would_block(s.now, s.last.attempt);
        s.expect_nothing();
    }
    s.pass(seconds{5});
    s.machine.writable(s.now, s.last.attempt);
    s.expect(kind::close);
    CHECK(s.counters().stalls == 1);
}

// ---- the way to a connection

TEST_CASE("refused addresses and destinations are left at once, in order") {
    acked_script s{{}, 2};
    s.put("one\n");
    s.resolve(2);
    CHECK(s.last.index == 0);
    s.refuse();
    CHECK(s.last.index == 0);
    s.refuse();
    CHECK(s.last.index == 1);
    s.expect(kind::resolve);
    CHECK(s.last.index == 1);
    CHECK(s.machine.destination() == 1);
    s.machine.resolve_failed(s.now, s.last.attempt, s.refused());
    s.expect_nothing();
    CHECK(s.machine.state() == delivery_phase::waiting);
    CHECK(s.counters().failures == 3);
    CHECK(s.machine.deadline() >= s.now + milliseconds(100));
    CHECK(s.machine.deadline() < s.now + milliseconds(200));
    s.now = s.machine.deadline();
    s.expect(kind::resolve);
    CHECK(s.last.index == 0);
}

TEST_CASE("a name without an address is a failure") {
    acked_script s;
    s.put("one\n");
    s.resolve(0);
    CHECK(s.counters().failures == 1);
    CHECK(s.machine.last_error() == make_error_code(errc::no_address));
    CHECK(s.machine.state() == delivery_phase::waiting);
}

TEST_CASE("no more addresses are tried than allowed") {
    acked_script s{{.max_endpoints = 2}};
    s.put("one\n");
    s.resolve(1000);
    s.refuse();
    s.refuse();
    CHECK(s.machine.state() == delivery_phase::waiting);
}

TEST_CASE("a look-up that hangs is given up, and its late answer changes nothing") {
    acked_script s{{.resolve_timeout = seconds{3}}};
    s.put("one\n");
    s.expect(kind::resolve);
    const auto attempt = s.last.attempt;
    s.expect_nothing();
    CHECK(s.machine.deadline() == s.now + seconds{3});
    s.pass(seconds{3});
    s.expect(kind::close);
    s.machine.resolved(s.now, attempt, 1);
    CHECK(s.machine.state() == delivery_phase::waiting);
}

TEST_CASE("the addresses of a destination share its time") {
    acked_script s{{.connect_timeout = seconds{8}}};
    s.put("one\n");
    s.resolve(4);
    s.expect(kind::connect);
    CHECK(s.machine.deadline() == s.now + seconds{2});
    s.pass(seconds{2});
    s.expect(kind::close);
    s.refuse();  // at once: three quarters of the time for two addresses
    s.expect(kind::connect);
    CHECK(s.last.index == 2);
    CHECK(s.machine.deadline() == s.now + seconds{3});
    s.pass(seconds{3});
    s.expect(kind::close);
    s.expect(kind::connect);
    CHECK(s.machine.deadline() == s.now + seconds{3});
    s.pass(seconds{3});
    s.expect(kind::close);
    CHECK(s.machine.state() == delivery_phase::waiting);
}

TEST_CASE("many dead addresses do not make every try too short") {
    acked_script s{{.connect_timeout = seconds{8}}};
    s.put("one\n");
    s.resolve(16);
    for (int tries = 0; tries != 8; ++tries) {
        s.expect(kind::connect);
        CHECK(s.machine.deadline() == s.now + seconds{1});
        s.pass(seconds{1});
        s.expect(kind::close);
    }
    CHECK(s.machine.state() == delivery_phase::waiting);
}

TEST_CASE("the back-off grows to its limit, and only a confirmed line resets it") {
    acked_script s{{.max_backoff = seconds{1}}};
    s.put("one\ntwo\n");
    nanoseconds longest{0};
    for (int round = 0; round != 50; ++round) {
        s.connect();  // a connection that confirms nothing does not help
        s.fail(std::nullopt);
        s.expect(kind::close);
        const nanoseconds delay = s.machine.deadline() - s.now;
        CHECK(delay >= milliseconds(100));
        CHECK(delay < seconds{1});
        longest = std::max(longest, delay);
        s.now = s.machine.deadline();
    }
    CHECK(longest > milliseconds(800));
    s.connect();
    s.expect_write();
    s.wrote(4, 0);
    s.fail(0);
    s.expect(kind::close);
    s.now = s.machine.deadline();
    s.resolve();
    s.refuse();
    CHECK(s.machine.deadline() - s.now < milliseconds(200));
}

TEST_CASE("after a connection was lost the first destination comes first again") {
    acked_script s{{}, 2};
    s.put("one\ntwo\n");
    s.resolve();
    s.refuse();
    s.connect();
    CHECK(s.machine.destination() == 1);
    s.expect_write();
    s.wrote(4, 0);
    s.fail(0);
    s.expect(kind::close);
    s.pass(seconds{1});
    s.expect(kind::resolve);
    CHECK(s.last.index == 0);
}

TEST_CASE("a destination that takes connections and confirms nothing is left for the next") {
    acked_script s{{}, 2};
    s.put("one\n");
    s.connect();
    s.end_of_stream();
    s.expect(kind::close);
    s.expect(kind::resolve);
    CHECK(s.last.index == 1);
}

// ---- the end of a connection

TEST_CASE("a used connection is renewed at a batch's end, at the first destination") {
    acked_script s{{.renew_every = seconds{60}}, 2};
    s.batch("one\n");
    s.resolve();
    s.refuse();
    s.connect();
    CHECK(s.machine.destination() == 1);
    CHECK(s.expect_write() == "one\n");
    s.wrote(4, 0);
    s.pass(seconds{59});
    s.batch("two\n");
    CHECK(s.expect_write() == "two\n");
    s.wrote(2, 0);
    s.pass(seconds{2});
    s.batch("three\n");
    CHECK(s.expect_write() == "o\n");  // to the batch's end, and no further
    s.wrote(2, 0);
    s.expect(kind::half_close);
    s.end_of_stream(0);
    s.expect(kind::close);
    s.connect();
    CHECK(s.machine.destination() == 0);
    CHECK(s.expect_write() == "three\n");
    CHECK(s.counters().replayed == amount{});
    CHECK(s.counters().failures == 1);
}

TEST_CASE("epochs at a later destination return to the first as well") {
    script<delivery<confirm::epoch<4096>>> s{{.renew_every = seconds{60}}, 2};
    const auto deliver = [&] {
        s.batch("one\n");
        s.resolve();
        if (s.machine.destination() == 0) {
            s.refuse();
            s.resolve();
        }
        s.expect(kind::connect);
        s.machine.connected(s.now, s.last.attempt);
        s.write_all();
        s.expect(kind::half_close);
        s.end_of_stream(0);
        s.expect(kind::close);
    };
    deliver();
    CHECK(s.counters().failures == 1);
    s.pass(seconds{30});
    deliver();
    CHECK(s.counters().failures == 1);
    s.pass(seconds{31});
    deliver();  // still where the last one was: that was not too long ago when it ended
    deliver();
    CHECK(s.counters().failures == 2);
}

TEST_CASE("a connection that is given up is reset, unless all that it has is whole and arrived") {
    acked_script s;
    s.put("one\ntwo\n");
    s.connect();
    s.expect_write();
    SECTION("inside a line, though all is acknowledged") {
        s.wrote(6, 0);
        s.fail(0);
        s.expect(kind::abort);
    }
    SECTION("with lines that have not arrived") {
        s.wrote(8, 4);
        s.fail(4);
        s.expect(kind::abort);
    }
    SECTION("with nothing of the kind") {
        s.wrote(4, 0);
        s.fail(0);
        s.expect(kind::close);
    }
    SECTION("by a stop whose time is over") {
        s.wrote(8, 8);
        s.machine.stop(s.now, s.now);
        s.expect(kind::ask);
        s.acknowledged(8);
        s.expect(kind::abort);
    }
}

TEST_CASE("every failure that is counted can be taken, with its destination and its reason") {
    script<delivery<confirm::epoch<4096>>> s{{.resolve_timeout = seconds{1},
                                              .connect_timeout = seconds{1},
                                              .stall_timeout = seconds{1},
                                              .end_timeout = seconds{1}},
                                             2};
    s.batch("one\n");
    const auto timed_out = make_error_code(errc::timed_out);
    const auto expect = [&](std::size_t destination, std::error_code why) {
        const auto failure = s.machine.take_failure();
        REQUIRE(failure.has_value());
        CHECK(failure->destination == destination);
        CHECK(failure->error == why);
        CHECK(!s.machine.take_failure());
    };
    SECTION("a look-up that takes too long") {
        s.expect(kind::resolve);
        s.pass(seconds{1});
        s.expect(kind::close);
        expect(0, timed_out);
    }
    SECTION("a name without an address") {
        s.resolve(0);
        expect(0, make_error_code(errc::no_address));
        s.resolve(0);
        expect(1, make_error_code(errc::no_address));
    }
    SECTION("a connect that takes too long") {
        s.resolve();
        s.expect(kind::connect);
        s.pass(seconds{1});
        s.expect(kind::close);
        expect(0, timed_out);
    }
    SECTION("a peer that takes nothing") {
        s.connect();
        s.write_all();
        s.pass(seconds{1});
        s.expect(kind::ask);
        s.acknowledged(4);
        s.expect(kind::abort);
        expect(0, timed_out);
    }
    SECTION("an end of stream with lines owed") {
        s.connect();
        s.write_all();
        s.end_of_stream(0);
        expect(0, make_error_code(errc::end_of_stream));
    }
    SECTION("a peer that closes before it was of any use") {
        s.connect();
        s.end_of_stream(0);
        expect(0, make_error_code(errc::end_of_stream));
    }
    SECTION("a peer that does not end its side") {
        s.connect();
        s.write_all();
        s.expect(kind::half_close);
        s.pass(milliseconds(900));
        s.expect(kind::ask);
        s.acknowledged(0);  // progress, so it has another second
        s.pass(seconds{1});
        s.expect(kind::close);  // all of it has arrived
        expect(0, timed_out);
    }
    CHECK(s.counters().failures == (s.machine.last_error() == errc::no_address ? 2U : 1U));
}

// ---- epochs and replay

TEST_CASE("an epoch is half-closed when it is full, and confirmed by the peer's end of stream") {
    script<delivery<confirm::epoch<10, 100>>> s;
    s.put("one\ntwo\nthree\n");
    s.connect();
    CHECK(s.expect_write() == "one\ntwo\n");
    s.wrote(8, 0);
    CHECK(s.counters().confirmed == amount{});
    s.expect(kind::half_close);
    s.expect_nothing();
    CHECK(s.machine.wants_readable());
    s.end_of_stream(0);
    CHECK(s.counters().confirmed == amount{2, 8});
    CHECK(s.counters().failures == 0);
    s.expect(kind::close);
    s.connect();  // at once, no back-off
    CHECK(s.expect_write() == "three\n");
}

TEST_CASE("the next epoch goes where the last one was confirmed") {
    script<delivery<confirm::epoch<4096>>> s{{}, 2};
    s.batch("one\n");
    s.connect();
    s.write_all();
    s.fail(0);
    s.expect(kind::close);
    CHECK(s.machine.destination() == 1);
    for (int epoch = 0; epoch != 3; ++epoch) {
        s.connect();
        CHECK(s.machine.destination() == 1);
        s.write_all();
        s.expect(kind::half_close);
        s.end_of_stream(0);
        s.expect(kind::close);
        s.batch("more\n");
    }
    SECTION("until a connection is lost") {
        s.connect();
        s.write_all();
        s.fail(0);
        s.expect(kind::close);
        s.now = s.machine.deadline();
        s.connect();
        CHECK(s.machine.destination() == 0);
    }
}

TEST_CASE("an epoch ends as soon as the batches that it may hold are written") {
    script<delivery<confirm::epoch<1000, 2>>> s;
    s.batch("one\n");
    s.connect();
    s.expect_write();
    s.wrote(4, 0);
    s.expect_nothing();
    SECTION("when the second is written") {
        s.batch("two\n");
        s.expect_write();
        s.wrote(3, 0);
        s.expect_write();
        s.wrote(1, 0);
    }
    SECTION("when the second ends, if it was written before") {
        s.put("two\n");
        s.expect_write();
        s.wrote(4, 0);
        s.expect_nothing();
        s.machine.end_batch(s.now);
    }
    SECTION("when the second turns out to be empty") { s.machine.end_batch(s.now); }
    s.expect(kind::half_close);
}

TEST_CASE("an epoch's end of stream confirms nothing before everything is acknowledged") {
    script<delivery<confirm::epoch<4>>> s;
    s.put("one\n");
    s.connect();
    s.write_all();
    s.expect(kind::half_close);
    s.end_of_stream(4);
    CHECK(s.counters().confirmed == amount{});
    CHECK_FALSE(s.machine.wants_readable());
    s.pass(milliseconds(5));
    s.expect(kind::ask);
    SECTION("then it does") {
        s.acknowledged(0);
        CHECK(s.counters().confirmed == amount{1, 4});
        s.expect(kind::close);
    }
    SECTION("a reset means that the peer did not read it") {
        s.fail(4);
        CHECK(s.counters().queued == amount{1, 4});
    }
}

TEST_CASE("an epoch that the peer does not end in time is sent again") {
    script<delivery<confirm::epoch<4>>> s{{.end_timeout = seconds{2}}};
    s.put("one\n");
    s.connect();
    s.expect_write();
    s.wrote(4, 0);
    s.expect(kind::half_close);
    s.expect_nothing();
    CHECK(s.machine.deadline() == s.now + seconds{2});
    s.pass(seconds{2});
    s.expect(kind::close);
    CHECK(s.counters().failures == 1);
    CHECK(s.counters().queued == amount{1, 4});
}

TEST_CASE("the peer's end of stream confirms no epoch that was not half-closed") {
    script<delivery<confirm::epoch<100>>> s;
    s.put("one\n");
    s.connect();
    s.expect_write();
    s.wrote(4, 0);
    s.end_of_stream(0);
    CHECK(s.counters().confirmed == amount{});
    CHECK(s.counters().queued == amount{1, 4});
}

TEST_CASE("the last acknowledged bytes are kept, and replayed on a new connection") {
    script<delivery<confirm::acked_replay<8>>> s;
    s.put("one\ntwo\nthree\n");
    s.connect();
    s.expect_write();
    s.wrote(14, 0);
    CHECK(s.counters().confirmed == amount{1, 4});
    s.fail(0);
    s.expect(kind::close);
    s.now = s.machine.deadline();
    s.connect();
    CHECK(s.expect_write() == "two\nthree\n");
}

TEST_CASE("with the window deficit, what the peer has not read is kept") {
    script<delivery<confirm::acked_replay<>>> s;
    s.put("one\ntwo\nthree\n");
    s.connect();
    s.expect_write();
    s.wrote(14, ack_report{std::size_t{0}, 9});
    CHECK(s.counters().confirmed == amount{1, 4});
    s.pass(milliseconds(5));
    s.expect(kind::ask);
    s.acknowledged(0);
    CHECK(s.counters().confirmed == amount{3, 14});
}

// ---- too many lines

TEST_CASE("what finds no room is refused with its reason") {
    script<delivery<confirm::acked, drop_newest>> s{{.queue_bytes = 10}};
    s.put("12345\n");
    CHECK_FALSE(s.machine.fits(6));
    CHECK(s.machine.reserve(6) == nullptr);
    s.machine.refuse(6, 1);
    CHECK(s.machine.reserve(11) == nullptr);
    s.machine.refuse(11, 1);
    CHECK(s.dropped(drop_reason::overflow) == 1);
    CHECK(s.dropped(drop_reason::oversize) == 1);
    CHECK(s.counters().accepted == amount{3, 23});
    CHECK(s.counters().balanced());
}

TEST_CASE("an oversize line does not push others out") {
    acked_script s{{.queue_bytes = 10}};
    s.put("12345\n");
    CHECK(s.machine.reserve(11) == nullptr);
    CHECK(s.counters().queued == amount{1, 6});
}

TEST_CASE("while a destination fails only so many batches are kept") {
    acked_script s{{.batches = 2}};
    s.batch("one\n");
    s.batch("two\n");
    s.batch("three\n");
    CHECK(s.dropped(drop_reason::overflow) == 1);
    CHECK(s.counters().discards == 1);
    s.connect();
    CHECK(s.expect_write() == "two\nthree\n");
}

TEST_CASE("a line that has begun stays when the oldest batch goes") {
    acked_script s{{.queue_bytes = 20}};
    s.batch("1234567\n");
    s.batch("abcdefg\n");
    s.connect();
    s.expect_write();
    s.wrote(3, 3);
    s.put("ABCDEFG\n");
    CHECK(s.dropped(drop_reason::overflow) == 1);
    s.expect(kind::ask);
    s.acknowledged(3);
    CHECK(s.expect_write() == "4567\nABCDEFG\n");
}

// ---- lines that are too old

TEST_CASE("a batch that has waited too long expires, and the deadline says when") {
    acked_script s{{.max_age = seconds{10}, .resolve_timeout = seconds{100}}};
    s.batch("one\n");
    const instant first_ends = s.now + seconds{10};
    s.expect(kind::resolve);
    CHECK(s.machine.deadline() == first_ends);
    s.pass(seconds{4});
    s.batch("two\n");
    s.pass(seconds{6} - nanoseconds{1});
    s.expect_nothing();
    CHECK(s.dropped(drop_reason::expired) == 0);
    s.pass(nanoseconds{1});
    s.expect_nothing();
    CHECK(s.dropped(drop_reason::expired) == 1);
    CHECK(s.counters().queued == amount{1, 4});
    CHECK(s.machine.deadline() == first_ends + seconds{4});
}

TEST_CASE("lines of a batch that has not ended do not expire") {
    acked_script s{{.max_age = seconds{10}}};
    s.put("one\n");
    s.connect();
    s.pass(seconds{11});
    CHECK(s.expect_write() == "one\n");
}

TEST_CASE("a line that has begun does not expire until its connection is lost") {
    acked_script s{{.max_age = seconds{10}}};
    s.batch("one\n");
    s.connect();
    s.expect_write();
    s.wrote(2, 2);
    s.pass(seconds{11});
    s.expect(kind::ask);
    s.acknowledged(0);
    CHECK(s.expect_write() == "e\n");
    CHECK(s.dropped(drop_reason::expired) == 0);
    s.fail(0);
    s.expect(kind::abort);
    s.expect_nothing();
    CHECK(s.dropped(drop_reason::expired) == 1);
    CHECK(s.counters().balanced());
}

TEST_CASE("at the beginning of time no batch is too old") {
    delivery<> machine{{.max_age = seconds{10}}};
    const instant first{INT64_MIN + 1};
    const std::string_view line = "one\n";
    std::copy(line.begin(), line.end(), machine.reserve(line.size()));
    machine.commit(line.size(), 1);
    machine.end_batch(first);
    static_cast<void>(machine.next(first));
    CHECK(machine.counters().queued == amount{1, 4});
    CHECK(machine.counters().lost() == amount{});
}

TEST_CASE("a negative age is refused") {
    CHECK_THROWS_WITH((acked_script{{.max_age = nanoseconds{-1}}}), ContainsSubstring("max_age"));
}

// ---- the end

TEST_CASE("stopping with nothing to do is done at once") {
    acked_script s;
    s.machine.stop(s.now, s.now + seconds{5});
    s.expect(kind::none);
    CHECK(s.machine.stopped());
}

TEST_CASE("stopping delivers what is queued, closes properly, and does not wait for long") {
    acked_script s;
    s.batch("one\n");
    s.machine.stop(s.now, s.now + seconds{5});
    CHECK(s.machine.reserve(1) == nullptr);
    s.machine.refuse(4, 1);
    CHECK(s.dropped(drop_reason::shutdown) == 1);
    s.connect();
    s.write_all();
    s.expect(kind::half_close);
    s.expect_nothing();
    s.pass(milliseconds(5));
    s.expect(kind::ask);
    s.acknowledged(0);
    CHECK(s.counters().confirmed == amount{1, 4});
    CHECK(s.machine.deadline() == s.now + milliseconds(100));
    SECTION("when the peer closes, that is the end") { s.end_of_stream(0); }
    SECTION("when it does not, a moment later") {
        s.pass(milliseconds(100));
        s.expect(kind::ask);
        s.acknowledged(0);
    }
    s.expect(kind::close);
    CHECK(s.machine.stopped());
    CHECK(s.machine.next(s.now).kind == kind::none);
}

TEST_CASE("an idle connection is closed properly as well") {
    acked_script s;
    s.batch("one\n");
    s.connect();
    s.expect_write();
    s.wrote(4, 0);
    s.expect_nothing();
    s.machine.stop(s.now, s.now + seconds{5});
    s.expect(kind::half_close);
    s.end_of_stream(0);
    s.expect(kind::close);
    CHECK(s.machine.stopped());
}

TEST_CASE("the deadline ends the stop in every phase, and what is left is counted") {
    acked_script s;
    s.put("one\ntwo\n");
    const auto stop = [&] { s.machine.stop(s.now, s.now + milliseconds(500)); };
    auto release = kind::close;
    SECTION("while looking up a name") {
        s.expect(kind::resolve);
        stop();
    }
    SECTION("while connecting") {
        s.resolve();
        s.expect(kind::connect);
        stop();
    }
    SECTION("while waiting, after a last round") {
        s.resolve();
        s.refuse();
        s.expect_nothing();
        stop();
        s.resolve();
        s.refuse();
        release = kind::none;
    }
    SECTION("while the peer takes nothing") {
        s.connect();
        s.expect_write();
        s.machine.would_block(s.now, s.last.attempt);
        stop();
    }
    SECTION("inside a line") {
        s.connect();
        s.expect_write();
        s.wrote(2, 0);
        s.expect_write();
        s.machine.would_block(s.now, s.last.attempt);
        stop();
        release = kind::abort;
    }
    CHECK(s.machine.deadline() <= s.now + milliseconds(500));
    s.pass(milliseconds(500));
    s.expect(release);
    CHECK(s.machine.stopped());
    CHECK(s.dropped(drop_reason::shutdown) == 2);
    CHECK(s.counters().balanced());
    CHECK(s.machine.queue().empty());
}

TEST_CASE("giving up does not look at the lines, of which there may be gigabytes") {
    acked_script s;
    const std::string_view lines = "one\ntwo\nthree\n";
    char* const kept = s.machine.reserve(lines.size());
    std::copy(lines.begin(), lines.end(), kept);
    s.machine.commit(lines.size(), 3);
    s.machine.end_batch(s.now);
    s.expect(kind::resolve);
    std::fill_n(kept, lines.size(), '.');  // who counted lines now would find none
    s.machine.stop(s.now, s.now);
    s.expect(kind::close);
    CHECK(s.machine.stopped());
    CHECK(s.dropped(drop_reason::shutdown) == 3);
    CHECK(s.counters().balanced());
}

TEST_CASE("a second stop can only bring the deadline forward") {
    acked_script s;
    s.put("one\n");
    s.expect(kind::resolve);
    s.machine.stop(s.now, s.now + seconds{5});
    s.machine.stop(s.now, s.now + seconds{1});
    s.machine.stop(s.now, s.now + seconds{9});
    CHECK(s.machine.deadline() == s.now + seconds{1});
}

TEST_CASE("what is acknowledged and not read when we give up on the peer is in doubt") {
    acked_script s;
    s.put("one\ntwo\n");
    s.connect();
    s.expect_write();
    s.wrote(8, 0);
    CHECK(s.counters().confirmed == amount{2, 8});
    s.machine.stop(s.now, s.now + seconds{1});
    s.expect(kind::half_close);
    s.expect_nothing();
    s.pass(milliseconds(100));
    s.expect(kind::ask);
    s.machine.acknowledged(s.now, s.last.attempt, {0, 5});
    s.expect(kind::close);
    CHECK(s.counters().acked_unconfirmed == 5);
}

TEST_CASE("the last question is put once, though the time goes on between the steps") {
    acked_script s;
    s.put("one\ntwo\n");
    s.connect();
    s.expect_write();
    s.wrote(8, 0);
    s.machine.stop(s.now, s.now + seconds{1});
    s.expect(kind::half_close);
    s.pass(seconds{1});
    s.expect(kind::ask);
    s.pass(nanoseconds{1});
    s.acknowledged(0);
    s.pass(nanoseconds{1});
    s.expect(kind::close);
    s.pass(nanoseconds{1});
    CHECK(s.machine.stopped());
}

TEST_CASE("within a batch writes need no report while nothing waits for it") {
    acked_script s{{.queue_bytes = 64, .max_in_flight = 16}};
    s.machine.begin_batch();
    CHECK(s.machine.wants_reports());  // no connection
    s.put("a\nb\n");
    s.connect();
    CHECK_FALSE(s.machine.wants_reports());
    SECTION("but when lines have no room in flight") {
        s.put("cdefg\nhijkl\nm\n");
        CHECK(s.machine.wants_reports());
    }
    SECTION("but when the transport has no room") {
        s.expect_write();
        s.machine.would_block(s.now, s.last.attempt);
        CHECK(s.machine.wants_reports());
    }
    SECTION("but when our side is closed") {
        s.write_all();
        s.machine.stop(s.now, s.now + seconds{1});
        s.expect(kind::half_close);
        CHECK(s.machine.wants_reports());
    }
    SECTION("but when the batch has ended") {
        s.machine.end_batch(s.now);
        CHECK(s.machine.wants_reports());
    }
}

TEST_CASE("within a batch nobody reads while nothing depends on it, and afterwards somebody does") {
    acked_script s{{.queue_bytes = 64, .max_in_flight = 16}};
    s.put("a\n");
    s.connect();
    s.write_all();
    s.machine.begin_batch();
    s.put("b\n");
    s.machine.readable(s.now, s.last.attempt);
    CHECK(s.expect_write() == "b\n");
    s.machine.wrote(s.now, s.last.attempt, 2);
    s.machine.end_batch(s.now);
    s.expect(kind::read);
}

TEST_CASE("a queue that fills with what may be acknowledged already is a reason to ask") {
    acked_script s{{.queue_bytes = 64, .max_in_flight = 64, .ack_poll_max = seconds{1}}};
    s.machine.begin_batch();
    s.put("0123456789abcd\n");
    s.connect();
    s.expect_write();
    s.machine.wrote(s.now, s.last.attempt, 15);
    s.expect_nothing();
    CHECK_FALSE(s.machine.wants_reports());
    s.put("e\n");
    CHECK(s.machine.wants_reports());
    const instant next_question = s.machine.deadline();
    s.expect(kind::ask);
    s.acknowledged(15);
    SECTION("once for what has come, and no pause grows by it") {
        CHECK(s.expect_write() == "e\n");
        s.wrote(2, 17);
        s.expect_nothing();
        CHECK(s.machine.deadline() == next_question);
    }
    SECTION("and again for more") {
        s.expect_write();
        s.wrote(2, 17);
        s.put("f\n");
        s.expect(kind::ask);
    }
}

TEST_CASE("the last question before the deadline still confirms") {
    acked_script s{{.ack_poll_max = seconds{10}}};
    s.put("one\n");
    s.connect();
    s.write_all();
    s.machine.stop(s.now, s.now + seconds{1});
    s.expect(kind::half_close);
    s.pass(seconds{1});
    s.expect(kind::ask);
    s.acknowledged(0);
    s.expect(kind::close);
    CHECK(s.machine.stopped());
    CHECK(s.counters().confirmed == amount{1, 4});
}

// ---- options

TEST_CASE("options that cannot work are refused by name") {
    const auto refused = [](const delivery_options& options, std::string_view key) {
        try {
            const delivery<> machine{options};
            FAIL("accepted " << key);
        } catch (const config_error& e) {
            CHECK(e.key() == key);
        }
    };
    refused({.queue_bytes = 0}, "queue_bytes");
    refused({.max_in_flight = 0}, "max_in_flight");
    refused({.resolve_timeout = nanoseconds{0}}, "resolve_timeout");
    refused({.connect_timeout = nanoseconds{-1}}, "connect_timeout");
    refused({.stall_timeout = nanoseconds{0}}, "stall_timeout");
    refused({.end_timeout = nanoseconds{0}}, "end_timeout");
    refused({.max_endpoints = 0}, "max_endpoints");
    refused({.min_backoff = nanoseconds{0}}, "min_backoff");
    refused({.max_backoff = nanoseconds{0}}, "max_backoff");
    refused({.linger = nanoseconds{-1}}, "linger");
    refused({.ack_poll_min = nanoseconds{0}}, "ack_poll_min");
    refused({.ack_poll_max = nanoseconds{-1}}, "ack_poll_max");
    refused({.ack_poll_busy = nanoseconds{0}}, "ack_poll_busy");
    refused({.reply_budget = 0}, "reply_budget");
    refused({.reply_interval = nanoseconds{0}}, "reply_interval");
    CHECK_THROWS_AS((delivery<confirm::epoch<1000>>{{.queue_bytes = 1999}}), config_error);
    CHECK_NOTHROW(delivery<confirm::epoch<1000>>{{.queue_bytes = 2000}});
}
