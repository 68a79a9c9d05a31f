// SPDX-License-Identifier: BSL-1.0
#include <backends/queue/account.hpp>

#include <backends/queue/overflow.hpp>

#include "catch.hpp"
#include "support/records.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace {

using namespace backends;

template <class Kind, class Overflow = drop_oldest>
struct book : detail::account<Overflow, Kind::value> {
    explicit book(std::size_t bytes = 100, std::size_t batches = 10)
        : detail::account<Overflow, Kind::value>{bytes, batches} {}

    bool put(std::string_view text) {
        const std::string lines = test::like<Kind>(text);
        const amount all{static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')),
                         lines.size()};
        char* const room = this->reserve(lines.size());
        if (room == nullptr) {
            this->refuse(all);
            return false;
        }
        std::copy(lines.begin(), lines.end(), room);
        this->commit(all);
        return true;
    }
    amount dropped(drop_reason reason) const { return this->counters.dropped_for(reason); }
};

TEMPLATE_TEST_CASE("a line is queued, in flight, confirmed, and always in one of them", "",
                   test::text_records, test::field_records) {
    book<TestType> b;
    b.put("one\ntwo\n");
    CHECK(b.counters.queued == amount{2, 8});
    CHECK(b.write(6) == 0);
    CHECK(b.counters.queued == amount{});
    CHECK(b.counters.in_flight == amount{2, 8});
    CHECK(b.counters.sent_bytes == 6);
    CHECK(b.confirm(6) == amount{1, 4});
    CHECK(b.counters.confirmed == amount{1, 4});
    CHECK(b.counters.in_flight == amount{1, 4});
    CHECK(b.counters.balanced());
}

TEMPLATE_TEST_CASE(
    "lines of a lost connection are queued again, and replayed when they are written", "",
    test::text_records, test::field_records) {
    book<TestType> b;
    b.put("one\ntwo\n");
    b.write(6);
    b.rewind(6);
    CHECK(b.counters.torn_tails == 1);
    CHECK(b.counters.queued == amount{2, 8});
    CHECK(b.counters.in_flight == amount{});
    b.write(8);
    CHECK(b.counters.replayed == amount{2, 8});
    b.rewind(4);  // the peer's bytes end with a line
    CHECK(b.counters.torn_tails == 1);
    CHECK(b.counters.balanced());
}

TEMPLATE_TEST_CASE("what finds no room is dropped for a reason", "", test::text_records,
                   test::field_records) {
    book<TestType, drop_newest> b{10};
    CHECK(b.put("123456\n"));
    CHECK_FALSE(b.fits(7));
    CHECK_FALSE(b.put("1234\n"));
    CHECK_FALSE(b.put("1234567890\n"));
    CHECK(b.dropped(drop_reason::overflow) == amount{1, 5});
    CHECK(b.dropped(drop_reason::oversize) == amount{1, 11});
    CHECK(b.counters.discards == 2);
    CHECK(b.counters.balanced());
}

TEMPLATE_TEST_CASE("refused lines leave from the middle of those in flight", "", test::text_records,
                   test::field_records) {
    book<TestType> b;
    b.put("one\ntwo\nthree\nfour\n");
    b.write(16);
    CHECK(b.reject(4, 4) == amount{1, 4});
    CHECK(b.counters.in_flight == amount{3, 15});
    CHECK(b.dropped(drop_reason::rejected) == amount{1, 4});
    CHECK(b.reject(4, 3) == amount{});  // a part of a line
    CHECK(b.confirm(10) == amount{2, 10});
    CHECK(b.counters.balanced());
    CHECK(b.queue().inside_line());
}

TEMPLATE_TEST_CASE("a closed account takes no line, and says why", "", test::text_records,
                   test::field_records) {
    book<TestType> b;
    b.close();
    CHECK(b.closed());
    CHECK_FALSE(b.fits(1));
    CHECK_FALSE(b.put("one\n"));
    CHECK(b.dropped(drop_reason::shutdown) == amount{1, 4});
    CHECK(b.counters.balanced());
}

TEMPLATE_TEST_CASE("batches beyond the bound go, and those that have waited too long", "",
                   test::text_records, test::field_records) {
    book<TestType> b{100, 2};
    for (const std::int64_t at : {1, 2, 3}) {
        b.put("one\n");
        b.end_batch(instant{at});
    }
    CHECK(b.dropped(drop_reason::overflow) == amount{1, 4});
    b.expire(instant{2});
    CHECK(b.dropped(drop_reason::expired) == amount{1, 4});
    CHECK(b.counters.queued == amount{1, 4});
    CHECK(b.counters.balanced());
}

TEMPLATE_TEST_CASE("one line can be dropped, and all", "", test::text_records,
                   test::field_records) {
    book<TestType> b;
    b.put("one\ntwo\nthree\n");
    b.drop_line(drop_reason::poison);
    CHECK(b.dropped(drop_reason::poison) == amount{1, 4});
    b.drop_all(drop_reason::shutdown);
    CHECK(b.dropped(drop_reason::shutdown) == amount{2, 10});
    CHECK(b.queue().empty());
    CHECK(b.counters.balanced());
}

}  // namespace
