// SPDX-License-Identifier: BSL-1.0
#include <backends/transport/epoll_set.hpp>

#include "catch.hpp"
#include "support/descriptor_pair.hpp"

#include <chrono>
#include <thread>

#include <poll.h>

using backends::instant;
using backends::detail::epoll_set;

namespace {

instant now() {
    return instant{std::chrono::duration_cast<std::chrono::nanoseconds>(
                       std::chrono::steady_clock::now().time_since_epoch())
                       .count()};
}

constexpr backends::nanoseconds one_millisecond{1'000'000};

/// What an event loop sees.
bool is_readable(const epoll_set& set, int patience = 0) {
    pollfd one{set.descriptor(), POLLIN, 0};
    return ::poll(&one, 1, patience) == 1;
}

}  // namespace

TEST_CASE("it is readable when it was rung, once") {
    epoll_set set;
    CHECK_FALSE(is_readable(set));
    std::thread other{[&] { set.ring(); }};
    CHECK(is_readable(set, -1));
    other.join();
    set.collect();
    CHECK_FALSE(is_readable(set));
}

TEST_CASE("it is readable at the earliest time that was asked for, and again at a later one") {
    epoll_set set;
    const instant early = now() + one_millisecond;
    set.ring_at(early + one_millisecond);
    set.ring_at(early);
    set.ring_at(instant::never());
    CHECK(is_readable(set, -1));
    CHECK(now() >= early);
    set.collect();
    CHECK_FALSE(is_readable(set));
    for (const instant past : {instant{-5}, instant{0}, now()}) {
        set.ring_at(past);
        CHECK(is_readable(set, -1));
        set.collect();
    }
}

TEST_CASE("a descriptor is told once, until it is asked for again") {
    const test::descriptor_pair ends;
    epoll_set set;
    set.watch(ends.ours, true, false);
    CHECK_FALSE(is_readable(set));
    ends.send();
    CHECK(is_readable(set));
    set.collect();
    CHECK_FALSE(is_readable(set));
    set.watch(ends.ours, true, true);
    CHECK(is_readable(set));
    set.unwatch();
    CHECK_FALSE(is_readable(set));
}

TEST_CASE("a connection that failed wakes nobody who has not asked") {
    test::descriptor_pair ends;
    epoll_set set;
    set.watch(ends.ours, true, false);
    ends.hang_up();
    CHECK(is_readable(set));
    set.collect();
    CHECK_FALSE(is_readable(set));
    set.watch(ends.ours, false, false);
    CHECK_FALSE(is_readable(set));
}

TEST_CASE("a descriptor that was closed while it was watched is followed by another one") {
    epoll_set set;
    int first = -1;
    {
        const test::descriptor_pair gone;
        first = gone.ours;
        set.watch(gone.ours, true, false);
    }
    const test::descriptor_pair next;
    CHECK(next.ours == first);  // the same number
    set.watch(next.ours, true, false);
    next.send();
    CHECK(is_readable(set));
    const test::descriptor_pair other;
    set.watch(other.ours, true, false);
    CHECK_FALSE(is_readable(set));
}
