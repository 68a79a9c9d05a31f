// SPDX-License-Identifier: BSL-1.0
#include <backends/transport/poll_reactor.hpp>

#include "catch.hpp"
#include "support/descriptor_pair.hpp"

#include <chrono>
#include <limits>
#include <thread>

#include <fcntl.h>

using backends::instant;
using backends::detail::doorbell;
using backends::detail::poll_reactor;

namespace {

instant now() {
    return instant{std::chrono::duration_cast<std::chrono::nanoseconds>(
                       std::chrono::steady_clock::now().time_since_epoch())
                       .count()};
}

constexpr backends::nanoseconds one_millisecond{1'000'000};

}  // namespace

TEST_CASE("a wait ends at its time and not before") {
    poll_reactor reactor;
    for (int n = 0; n != 3; ++n) {
        const instant until = now() + one_millisecond;
        reactor.watch(-1, false, false, until);
        reactor.wait();
        CHECK(now() >= until);
    }
}

TEST_CASE("a time that has passed is over at once") {
    poll_reactor reactor;
    for (const instant past :
         {instant{std::numeric_limits<std::int64_t>::min()}, instant{0}, instant{1}, now()}) {
        reactor.watch(-1, false, false, past);
        reactor.wait();
    }
    SUCCEED();
}

TEST_CASE("the earliest of the times counts, and a later one follows") {
    poll_reactor reactor;
    const instant early = now() + one_millisecond;
    const instant late = early + one_millisecond;
    reactor.watch(-1, false, false, early);
    reactor.watch(-1, false, false, instant::never());
    reactor.wait();
    CHECK(now() >= early);
    reactor.watch(-1, false, false, late);
    reactor.wait();
    CHECK(now() >= late);
}

TEST_CASE("a call from another thread ends the wait, the present one or the next") {
    poll_reactor reactor;
    reactor.wake();
    reactor.wait();
    std::thread other{[&] { reactor.wake(); }};
    reactor.wait();
    other.join();
    CHECK_FALSE(reactor.poll());
    reactor.wake();
    reactor.wake();
    CHECK(reactor.poll());
    CHECK_FALSE(reactor.poll());
}

TEST_CASE("a descriptor ends the wait when it is readable or writable, as asked for") {
    const test::descriptor_pair ends;
    poll_reactor reactor;
    reactor.watch(ends.ours, false, true, instant::never());
    reactor.wait();
    ends.send();
    reactor.watch(ends.ours, true, false, instant::never());
    reactor.wait();
    // What nobody asks for ends no wait.
    const instant until = now() + one_millisecond;
    reactor.watch(ends.ours, false, false, until);
    reactor.wait();
    CHECK(now() >= until);
}

TEST_CASE("a doorbell is not inherited by programs that are started, and never blocks") {
    doorbell bell;
    CHECK((::fcntl(bell.descriptor(), F_GETFD) & FD_CLOEXEC) != 0);
    CHECK_FALSE(bell.answer());
    for (int n = 0; n != 1000; ++n) {
        bell.ring();
    }
    CHECK(bell.answer());
    CHECK_FALSE(bell.answer());
}
