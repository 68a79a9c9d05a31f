// SPDX-License-Identifier: BSL-1.0
#include <backends/delivery/quarantine.hpp>

#include <backends/delivery/machine.hpp>

#include "catch.hpp"
#include "support/records.hpp"
#include "unit/delivery/script.hpp"

#include <algorithm>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <string_view>

namespace {

using namespace backends;
using kind = action_kind;
using acked_script = script<delivery<>>;
using epoch_script = script<delivery<confirm::epoch<4096>>>;

/// With records of a kind.
template <class Kind, class Confirmation = confirm::acked>
using script_of = script<delivery<Confirmation, drop_oldest, full_jitter, split_mix, Kind::value>>;

/// One connection that takes these lines, all that it is given, and ends without confirming any.
template <class Script>
void end_after(Script& s, std::string_view lines) {
    s.now = std::max(s.now, std::min(s.machine.deadline(), s.now + seconds{60}));
    s.connect();
    CHECK(s.write_all() == test::like<typename Script::records>(lines));
    s.expect_nothing();
    s.fail(lines.size());
    s.expect(kind::abort);
}
/// One connection that takes one line, which is confirmed, and is ended for the sake of another.
template <class Script>
void confirm_alone(Script& s, std::string_view line) {
    s.now = std::max(s.now, std::min(s.machine.deadline(), s.now + seconds{60}));
    s.connect();
    CHECK(s.write_all() == test::like<typename Script::records>(line));
    if (s.machine.queue().in_flight() != 0 && s.counters().connections != 0) {
        s.acknowledged(0);
    }
    s.expect(kind::half_close);
    s.end_of_stream(0);
    s.expect(kind::close);
}

}  // namespace

TEMPLATE_TEST_CASE("a line that alone ends connections, while others are confirmed, is dropped", "",
                   test::text_records, test::field_records) {
    script_of<TestType> s;
    for (int good = 0; good != 20; ++good) {
        s.put("good\n");  // so failures are known to be rare
        s.connect();
        s.expect_write();
        s.wrote(5, 0);
        s.fail(0);
        s.expect(kind::close);
        s.now = s.machine.deadline();
    }
    s.put("poison\none\ntwo\nthree\nfour\n");
    for (int n = 0; n != 3; ++n) {
        end_after(s, "poison\none\ntwo\nthree\nfour\n");
    }
    end_after(s, "poison\n");
    confirm_alone(s, "one\n");
    end_after(s, "poison\n");
    confirm_alone(s, "two\n");
    end_after(s, "poison\n");
    CHECK(s.dropped(drop_reason::poison) == 0);
    CHECK(s.counters().queued == amount{3, 18});
    s.now = s.machine.deadline();
    s.connect();
    CHECK(s.write_all() == test::like<TestType>("three\n"));
    s.acknowledged(0);
    CHECK(s.dropped(drop_reason::poison) == 1);
    CHECK(s.expect_write() == test::like<TestType>("four\n"));  // the same connection, which works
}

TEST_CASE("where nothing is confirmed nobody is to blame") {
    epoch_script s;
    s.batch("one\ntwo\nthree\n");
    for (int n = 0; n != 100; ++n) {
        s.now = std::max(s.now, std::min(s.machine.deadline(), s.now + seconds{60}));
        s.connect();
        const auto text = s.write_all();
        CHECK((n < 3 || std::count(text.begin(), text.end(), '\n') == 1));
        s.fail(text.size());
        s.expect(kind::abort);
    }
    CHECK(s.counters().lost() == amount{});
    while (!s.machine.queue().empty()) {
        s.now = std::max(s.now, std::min(s.machine.deadline(), s.now + seconds{60}));
        s.connect();
        s.write_all();
        s.expect(kind::half_close);
        s.end_of_stream(0);
        s.expect(kind::close);
    }
    CHECK(s.counters().confirmed.lines == 3);
}

TEST_CASE("a destination that fails other lines too takes the evidence back") {
    acked_script s{{.poison_limit = 2}};
    s.put("one\ntwo\nthree\nfour\n");
    for (int n = 0; n != 3; ++n) {
        end_after(s, "one\ntwo\nthree\nfour\n");
    }
    end_after(s, "one\n");
    confirm_alone(s, "two\n");
    end_after(s, "one\n");
    end_after(s, "three\n");
    end_after(s, "one\n");
    confirm_alone(s, "four\n");  // the second time that another line passes, but not in a row
    CHECK(s.dropped(drop_reason::poison) == 0);
}

TEST_CASE("what other destinations take is no evidence") {
    acked_script s{{.poison_limit = 1}, 2};
    s.put("one\ntwo\nthree\n");
    end_after(s, "one\ntwo\nthree\n");  // at the first
    end_after(s, "one\ntwo\nthree\n");  // at the second
    end_after(s, "one\ntwo\nthree\n");  // at the first
    s.resolve();
    s.refuse();  // the second
    s.now = s.machine.deadline();
    end_after(s, "one\n");  // at the first
    s.resolve();
    s.refuse();  // the second
    s.now = s.machine.deadline();
    s.resolve();
    s.refuse();  // the first
    s.connect();
    CHECK(s.machine.destination() == 1);
    CHECK(s.write_all() == "one\n");  // it has not failed here
}

TEMPLATE_TEST_CASE("a line that the receiver refuses in words needs no other evidence", "",
                   test::text_records, test::field_records) {
    script_of<TestType> s;
    s.put("poison\none\n");
    for (int n = 0; n != 3; ++n) {
        end_after(s, "poison\none\n");
    }
    for (int again = 0; again != 3; ++again) {
        CHECK(s.dropped(drop_reason::poison) == 0);
        s.now = s.machine.deadline();
        s.connect();
        CHECK(s.write_all() == test::like<TestType>("poison\n"));
        s.machine.received(s.now, s.last.attempt, std::span<const char>{"no\n", 3}, 1);
        s.fail(7);
        s.expect(kind::abort);
    }
    CHECK(s.dropped(drop_reason::poison) == 1);
}

TEST_CASE("the innocent lines in front of a poisonous one are confirmed in growing numbers") {
    epoch_script s;
    std::string innocent;
    for (char c = 'a'; c != 'y'; ++c) {
        innocent += std::string(1, c) + "\n";
    }
    s.put(innocent + "poison\nz\n1\n2\n3\n");
    std::uint64_t connections = 0;
    while (s.dropped(drop_reason::poison) == 0 && s.counters().connections < 100) {
        s.now = std::max(s.now, std::min(s.machine.deadline(), s.now + seconds{60}));
        s.connect();
        const auto text = s.write_all();
        if (text.find("poison") != std::string::npos) {
            s.fail(text.size());
            s.expect(kind::abort);
        } else {
            s.expect(kind::half_close);
            s.end_of_stream(0);
            s.expect(kind::close);
        }
        connections = s.counters().connections;
    }
    CHECK(s.dropped(drop_reason::poison) == 1);
    CHECK(s.counters().lost().lines == 1);
    CHECK(connections < 40);
}

TEMPLATE_TEST_CASE("a connection that failed by itself does not make the next one smaller", "",
                   test::text_records, test::field_records) {
    script_of<TestType, confirm::epoch<4096>> s;
    s.batch("one\ntwo\nthree\nfour\n");
    s.connect();
    s.write_all();
    s.fail(19);
    s.expect(kind::abort);
    s.now = s.machine.deadline();
    s.connect();
    CHECK(s.write_all() == test::like<TestType>("one\ntwo\nthree\nfour\n"));
    s.expect(kind::half_close);
    s.end_of_stream(0);
    CHECK(s.counters().confirmed.lines == 4);
}

TEST_CASE("where half of the connections fail the others are full") {
    epoch_script s{{.queue_bytes = 16384, .batches = 1000}};
    std::mt19937 random{1};
    std::uint64_t good = 0;
    std::uint64_t number = 0;
    const std::uint64_t lines = 100;
    while (good != 2000) {
        std::string more;
        while (s.counters().queued.lines +
                   static_cast<std::uint64_t>(std::count(more.begin(), more.end(), '\n')) <
               lines) {
            more += std::to_string(number++) + "\n";
        }
        if (!more.empty()) {
            s.put(more);
        }
        s.now = std::max(s.now, std::min(s.machine.deadline(), s.now + seconds{60}));
        s.connect();
        if (random() % 2 == 0) {
            const auto text = s.write_all();
            s.fail(text.size());
            s.expect(kind::abort);
        } else {
            ++good;
            s.write_all();
            s.machine.end_batch(s.now);
            s.expect(kind::half_close);
            s.end_of_stream(0);
            s.expect(kind::close);
        }
    }
    CHECK(s.counters().confirmed.lines >= good * lines * 8 / 10);
    CHECK(s.counters().lost() == amount{});
}

TEST_CASE("failures that come one by one, with progress between them, poison nothing") {
    acked_script s;
    for (int round = 0; round != 20; ++round) {
        s.put("one\ntwo\n");
    }
    for (int round = 0; round != 10; ++round) {
        s.connect();
        s.expect_write();
        s.wrote(6, 2);
        s.fail(2);
        s.expect(kind::abort);
        s.now = s.machine.deadline();
    }
    CHECK(s.dropped(drop_reason::poison) == 0);
    CHECK(s.counters().confirmed.lines == 10);
}
