// SPDX-License-Identifier: BSL-1.0
//
// The two words of a receiver whose program answers: "not now", and "never".
#include <backends/delivery/machine.hpp>

#include "catch.hpp"
#include "unit/delivery/script.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace {

using namespace backends;
using kind = action_kind;

template <class Confirmation = confirm::acked>
struct answered_script : script<delivery<Confirmation>> {
    using script<delivery<Confirmation>>::script;

    void not_now(nanoseconds delay, ack_report report) {
        this->machine.not_now(this->now, this->last.attempt, delay, report);
        CHECK(this->counters().balanced());
    }
    void refuse_lines(std::size_t n, ack_report report) {
        this->machine.refused(this->now, this->last.attempt, n, report);
        CHECK(this->counters().balanced());
    }
    amount rejected() const { return this->counters().dropped_for(drop_reason::rejected); }
    /// One connection whose receiver has no time for this line.
    void be_turned_away(std::string_view line, nanoseconds delay = {}) {
        this->connect();
        CHECK(this->write_all() == line);
        not_now(delay, line.size());
        this->expect(kind::abort);
    }
};

// ---- not now

TEST_CASE("a receiver without time gets the lines again, after a back-off") {
    answered_script<> s;
    s.put("one\n");
    s.be_turned_away("one\n");
    CHECK(s.counters().failures == 1);
    CHECK(s.machine.last_error() == errc::not_now);
    CHECK(s.machine.state() == delivery_phase::waiting);
    s.now = s.machine.deadline();
    s.connect();
    CHECK(s.write_all() == "one\n");
    s.acknowledged(0);
    CHECK(s.counters().confirmed == amount{1, 4});
}

TEST_CASE("the pause is no shorter than the delay, and grows without one") {
    answered_script<> s{{.min_backoff = milliseconds(100), .max_backoff = milliseconds(100)}};
    s.put("one\n");
    s.be_turned_away("one\n", seconds{30});
    CHECK(s.machine.deadline() == s.now + seconds{30});
    s.now = s.machine.deadline();
    s.be_turned_away("one\n");
    CHECK(s.machine.deadline() == s.now + milliseconds(100));
}

TEST_CASE("a delay is bounded") {
    answered_script<> s{{.max_delay = seconds{60}}};
    s.put("one\n");
    s.be_turned_away("one\n", seconds{1'000'000});
    CHECK(s.machine.deadline() <= s.now + seconds{60});
}

TEST_CASE("a receiver without time is left for the next destination at once, even after use") {
    answered_script<> s{{}, 2};
    s.put("one\ntwo\n");
    s.connect();
    s.write_all();
    s.not_now(seconds{30}, 4);
    CHECK(s.counters().confirmed == amount{1, 4});
    s.expect(kind::abort);
    CHECK(s.expect(kind::resolve).index == 1);
    s.machine.resolve_failed(s.now, s.last.attempt, s.refused());
    CHECK(s.machine.deadline() >= s.now + seconds{30});  // the round is over
}

TEST_CASE("nobody is to blame, however often a receiver has no time") {
    answered_script<> s{{.poison_limit = 1}};
    s.put("one\ntwo\n");
    for (int i = 0; i != 50; ++i) {
        s.now = std::max(s.now, std::min(s.machine.deadline(), s.now + seconds{60}));
        s.be_turned_away("one\ntwo\n");
    }
    CHECK(s.counters().lost() == amount{});
    CHECK(s.counters().queued == amount{2, 8});
}

TEST_CASE("a late word changes nothing") {
    answered_script<> s;
    s.put("one\n");
    s.connect();
    s.write_all();
    s.machine.not_now(s.now, s.last.attempt + 1, seconds{1}, 0);
    s.machine.refused(s.now, s.last.attempt + 1, 4, 0);
    CHECK(s.machine.state() == delivery_phase::open);
    CHECK(s.counters().in_flight == amount{1, 4});
}

// ---- never

TEST_CASE("refused lines are rejected, and never confirmed") {
    answered_script<> s;
    s.put("one\ntwo\nthree\n");
    s.connect();
    s.write_all();
    s.refuse_lines(4, 6);  // "one" was accepted before, "three" has no answer
    CHECK(s.counters().confirmed == amount{1, 4});
    CHECK(s.rejected() == amount{1, 4});
    CHECK(s.counters().in_flight == amount{1, 6});
    CHECK(s.machine.state() == delivery_phase::open);
    s.acknowledged(0);
    CHECK(s.counters().confirmed == amount{2, 10});
    CHECK(s.counters().failures == 0);
}

TEST_CASE("the connection goes on behind refused lines") {
    answered_script<> s;
    s.put("one\n");
    s.connect();
    s.write_all();
    s.refuse_lines(4, 0);
    s.put("two\n");
    CHECK(s.write_all() == "two\n");
    s.acknowledged(0);
    CHECK(s.counters().confirmed == amount{1, 4});
    CHECK(s.rejected() == amount{1, 4});
}

TEST_CASE("refused lines are not sent again") {
    answered_script<> s;
    s.put("one\ntwo\n");
    s.connect();
    s.write_all();
    s.refuse_lines(4, 4);
    s.fail(4);
    s.expect(kind::abort);
    s.now = s.machine.deadline();
    s.connect();
    CHECK(s.expect_write() == "two\n");
}

TEST_CASE("a level that keeps lines loses refused ones from their middle") {
    answered_script<confirm::epoch<4096>> s;
    s.batch("one\ntwo\nthree\n");
    s.connect();
    s.write_all();
    s.expect(kind::half_close);
    s.refuse_lines(4, 6);
    CHECK(s.rejected() == amount{1, 4});
    CHECK(s.counters().in_flight == amount{2, 10});
    SECTION("the others are confirmed at its end") {
        s.end_of_stream(0);
        CHECK(s.counters().confirmed == amount{2, 10});
    }
    SECTION("the others are sent again") {
        s.fail(6);
        s.expect(kind::abort);
        s.now = s.machine.deadline();
        s.connect();
        CHECK(s.expect_write() == "one\nthree\n");
    }
}

TEST_CASE("a level that has let go of lines cannot reject them") {
    answered_script<confirm::written> s;
    s.put("one\ntwo\n");
    s.connect();
    s.write_all();
    s.put("three\n");
    s.refuse_lines(4, 4);
    CHECK(s.counters().confirmed == amount{2, 8});
    CHECK(s.rejected() == amount{});
    CHECK(s.write_all() == "three\n");
}

TEST_CASE("more than was written cannot be refused") {
    answered_script<> s;
    s.put("one\ntwo\n");
    s.connect();
    s.expect_write();
    s.wrote(4, 4);
    s.refuse_lines(1000, 0);
    CHECK(s.rejected() == amount{1, 4});
    CHECK(s.write_all() == "two\n");
}

TEST_CASE("a stop ends once the last line is rejected") {
    answered_script<> s;
    s.put("one\n");
    s.connect();
    s.write_all();
    s.machine.stop(s.now, s.now + seconds{10});
    s.expect(kind::half_close);
    s.refuse_lines(4, 0);
    s.end_of_stream(0);
    s.expect(kind::close);
    CHECK(s.machine.stopped());
    CHECK(s.rejected() == amount{1, 4});
}

TEST_CASE("a suspected line that is refused is acquitted by its refusal") {
    answered_script<> s;
    s.put("bad\none\n");
    for (int i = 0; i != 4; ++i) {
        s.now = std::max(s.now, std::min(s.machine.deadline(), s.now + seconds{60}));
        s.connect();
        s.write_all();
        s.fail(s.machine.queue().sent());
        s.expect(kind::abort);
    }
    s.now = std::max(s.now, std::min(s.machine.deadline(), s.now + seconds{60}));
    s.connect();
    const std::string alone = s.expect_write();
    s.wrote(alone.size(), alone.size());
    s.refuse_lines(alone.size(), 0);
    CHECK(s.rejected() == amount{1, 4});
    CHECK(s.dropped(drop_reason::poison) == 0);
}

}  // namespace
