// SPDX-License-Identifier: BSL-1.0
#include <backends/queue/batch_ends.hpp>

#include "catch.hpp"

using backends::instant;
using backends::detail::batch_ends;

TEST_CASE("an empty batch has no end of its own") {
    batch_ends ends{4};
    ends.add(0, instant{0});
    CHECK(ends.count_after(0) == 0);
    ends.add(10, instant{10});
    ends.add(10, instant{10});
    CHECK(ends.count_after(0) == 1);
    CHECK(ends.last() == 10);
}

TEST_CASE("ends are found before and after an offset") {
    batch_ends ends{4};
    ends.add(10, instant{10});
    ends.add(20, instant{20});
    CHECK(ends.after(0, 99) == 10);
    CHECK(ends.after(10, 99) == 20);
    CHECK(ends.after(20, 99) == 99);
    CHECK(ends.before(20) == 10);
    CHECK(ends.before(10) == 0);
    CHECK(ends.count_after(10) == 1);
}

TEST_CASE("bytes that go take their ends with them and move the later ones up") {
    batch_ends ends{4};
    ends.add(10, instant{10});
    ends.add(20, instant{20});
    ends.add(30, instant{30});
    ends.erase(5, 20);
    CHECK(ends.after(0, 99) == 5);
    CHECK(ends.last() == 15);
    CHECK(ends.count_after(0) == 2);
    ends.erase(0, 5);
    CHECK(ends.count_after(0) == 1);
    CHECK(ends.last() == 10);
}

TEST_CASE("when there is no room for another end the two oldest batches become one") {
    batch_ends ends{2};
    ends.add(10, instant{10});
    ends.add(20, instant{20});
    ends.add(30, instant{30});
    CHECK(ends.count_after(0) == 2);
    CHECK(ends.after(0, 99) == 20);
}

TEST_CASE("a batch knows when it was ended, wherever its end has moved") {
    batch_ends ends{2};
    ends.add(10, instant{100});
    ends.add(20, instant{200});
    CHECK(ends.ended_after(0) == instant{100});
    CHECK(ends.ended_after(10) == instant{200});
    CHECK(ends.ended_after(20) == instant::never());
    ends.erase(0, 5);
    CHECK(ends.ended_after(0) == instant{100});
    ends.erase(0, 5);
    CHECK(ends.ended_after(0) == instant{200});
}

TEST_CASE("two batches that became one are as old as the younger") {
    batch_ends ends{2};
    ends.add(10, instant{100});
    ends.add(20, instant{200});
    ends.add(30, instant{300});
    CHECK(ends.ended_after(0) == instant{200});
}
