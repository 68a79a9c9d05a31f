// SPDX-License-Identifier: BSL-1.0
#include <backends/delivery/connection.hpp>

#include "catch.hpp"
#include "support/records.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace {

using namespace backends;
using test::like;

/// A connection, with the queue whose bytes it carries.
template <class Kind = test::text_records, class Confirmation = confirm::acked>
struct carrier {
    delivery_options options;
    record_queue<Kind::value> queue{1000};
    instant now{1'000'000'000};
    detail::connection<Confirmation, Kind::value> link{now};

    explicit carrier(std::string_view text = "", delivery_options how = {}) : options{how} {
        const std::string lines = test::like<Kind>(text);
        if (!lines.empty()) {
            std::copy(lines.begin(), lines.end(), queue.reserve(lines.size()));
            queue.commit(lines.size());
        }
    }
    std::string next_write(std::uint64_t allowance = unbounded, std::size_t most = SIZE_MAX) {
        const auto text = link.next_write(now, queue, most, allowance, options);
        return {text.data(), text.size()};
    }
    void write(std::size_t n) {
        queue.write(n);
        link.wrote(now, n);
    }
    bool measure(ack_report report) { return link.measure(now, report); }
    void pass(nanoseconds time) { now = now + time; }
};

// ---- progress

TEST_CASE("what the level lets go is what was acknowledged and is still kept") {
    carrier c{"one\ntwo\n"};
    c.write(8);
    CHECK(c.link.confirmable(c.queue) == 0);
    CHECK(c.measure(3));
    CHECK(c.link.confirmable(c.queue) == 5);
    c.queue.release(5);
    CHECK(c.link.confirmed(c.queue) == 4);
    CHECK(c.link.confirmable(c.queue) == 1);  // a byte of the second line
    CHECK(c.link.kept_acknowledged(c.queue) == 1);
}

TEST_CASE("an acknowledged byte stays acknowledged") {
    carrier c{"one\ntwo\n"};
    c.write(8);
    CHECK(c.measure(2));
    CHECK_FALSE(c.measure(7));
    CHECK(c.link.bytes.acknowledged() == 6);
}

TEST_CASE("without a count every byte is acknowledged when it is written") {
    carrier c{"one\n"};
    c.write(4);
    CHECK(c.measure(std::nullopt));
    CHECK(c.link.confirmable(c.queue) == 4);
    CHECK(c.link.must_reset(c.queue));  // nobody knows what an ordinary close would deliver
}

TEST_CASE("confirmed bytes are in doubt that the peer had not read at the last question") {
    carrier c{"one\ntwo\n"};
    c.write(8);
    c.measure({0, 3});
    c.queue.release(8);
    CHECK(c.link.in_doubt(c.queue) == 3);
    c.measure(0);  // a report that says nothing of reading
    CHECK(c.link.in_doubt(c.queue) == 3);
    c.link.ended();
    CHECK(c.link.in_doubt(c.queue) == 0);
}

TEST_CASE("a connection was of use when it confirmed a line, or when there was none") {
    carrier c{"one\n"};
    CHECK_FALSE(c.link.useful(c.queue));
    c.write(4);
    CHECK_FALSE(c.link.useful(c.queue));
    c.queue.release(4);
    CHECK(c.link.useful(c.queue));
    CHECK(carrier{}.link.useful(carrier{}.queue));
}

TEST_CASE("a peer stalls when bytes wait and nothing is acknowledged") {
    carrier c{"one\ntwo\n"};
    CHECK(c.link.stalled_at(seconds{5}) == instant::never());
    c.write(8);
    CHECK(c.link.stalled_at(seconds{5}) == c.now + seconds{5});
    c.pass(seconds{3});
    c.measure(4);
    CHECK(c.link.stalled_at(seconds{5}) == c.now + seconds{5});
    c.pass(seconds{3});
    c.measure(4);  // no progress
    CHECK(c.link.stalled_at(seconds{5}) == c.now + seconds{2});
    c.measure(0);
    CHECK(c.link.stalled_at(seconds{5}) == instant::never());
    c.link.blocked(c.now);
    CHECK(c.link.stalled_at(seconds{5}) == c.now + seconds{5});
}

// ---- what to write

TEMPLATE_TEST_CASE("no more is unacknowledged than the window admits, in whole lines", "",
                   test::text_records, test::field_records) {
    carrier<TestType> c{"one\ntwo\nthree\n", {.max_in_flight = 9}};
    CHECK(c.next_write() == like<TestType>("one\ntwo\n"));
    c.write(8);
    CHECK(c.next_write() == "");  // a byte of room is not worth a write
    c.measure(4);
    CHECK(c.next_write() == "");
    c.measure(0);
    CHECK(c.next_write() == like<TestType>("three\n"));
}

TEMPLATE_TEST_CASE("a line longer than the window goes in pieces", "", test::text_records,
                   test::field_records) {
    carrier<TestType> c{"0123456789\n", {.max_in_flight = 4}};
    CHECK(c.next_write() == like<TestType>("0123456789\n").substr(0, 4));
    c.write(4);
    CHECK(c.link.must_reset(c.queue));
    c.measure(0);
    CHECK(c.next_write() == like<TestType>("0123456789\n").substr(4, 4));
    c.write(4);
    c.measure(0);
    CHECK(c.next_write() == like<TestType>("0123456789\n").substr(8));
}

TEMPLATE_TEST_CASE("a quarantine bounds what is unconfirmed, but lets one line pass", "",
                   test::text_records, test::field_records) {
    carrier<TestType> c{"one\ntwo\nthree\n"};
    CHECK(c.next_write(1) == like<TestType>("one\n"));
    CHECK(c.next_write(9) == like<TestType>("one\ntwo\n"));
    c.write(4);
    CHECK(c.next_write(1) == "");
    c.write(1);
    CHECK(c.next_write(1) == like<TestType>("two\n").substr(1));  // the rest of one
}

TEMPLATE_TEST_CASE("nothing is written after a transport had no room, or behind the bound", "",
                   test::text_records, test::field_records) {
    carrier<TestType> c{"one\ntwo\n"};
    CHECK(c.next_write(unbounded, 4) == like<TestType>("one\n"));
    c.link.blocked(c.now);
    CHECK(c.next_write() == "");
}

TEMPLATE_TEST_CASE("an epoch is complete at its end, and not inside a line", "", test::text_records,
                   test::field_records) {
    carrier<TestType, confirm::epoch<6, 100>> c{"one\ntwo\nthree\n"};
    CHECK_FALSE(c.link.complete(c.queue, unbounded));
    CHECK(c.next_write() == like<TestType>("one\n"));
    c.write(2);
    CHECK_FALSE(c.link.complete(c.queue, unbounded));
    c.write(2);
    CHECK(c.link.complete(c.queue, unbounded));
}

// ---- questions and replies

TEST_CASE("questions come twice as late while nothing changes") {
    carrier c{"one\n", {.ack_poll_min = milliseconds(5), .ack_poll_max = milliseconds(15)}};
    CHECK(c.link.ask_at() == instant::never());
    c.write(4);
    c.link.poll_acks_soon(c.now, c.options);
    CHECK(c.link.ask_at() == c.now + milliseconds(5));
    c.link.poll_acks_later(c.now, c.options);
    CHECK(c.link.ask_at() == c.now + milliseconds(10));
    c.link.poll_acks_later(c.now, c.options);
    CHECK(c.link.ask_at() == c.now + milliseconds(15));
    c.measure(0);
    CHECK(c.link.ask_at() == instant::never());
}

TEST_CASE("the final question is asked once, and again after progress") {
    carrier c{"one\ntwo\n"};
    CHECK_FALSE(c.link.final_query(c.now, c.queue));  // there is nothing to ask
    c.write(8);
    CHECK(c.link.final_query(c.now, c.queue));
    c.link.asked(c.now);
    c.pass(milliseconds(1));
    CHECK_FALSE(c.link.final_query(c.now, c.queue));
    c.measure(4);
    CHECK(c.link.final_query(c.now, c.queue));
}

TEST_CASE("replies are read up to a budget, which time renews") {
    carrier c{"", {.reply_budget = 10, .reply_interval = seconds{1}}};
    CHECK(c.link.may_read(c.now, c.options));
    c.link.received(10);
    CHECK_FALSE(c.link.may_read(c.now, c.options));
    CHECK(c.link.read_at() == c.now + seconds{1});
    c.pass(seconds{1});
    CHECK(c.link.may_read(c.now, c.options));
    c.link.received(0);  // there is no more
    CHECK_FALSE(c.link.may_read(c.now, c.options));
    CHECK(c.link.read_at() == instant::never());
}

}  // namespace
