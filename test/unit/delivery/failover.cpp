// SPDX-License-Identifier: BSL-1.0
#include <backends/delivery/failover.hpp>

#include <backends/delivery/backoff.hpp>
#include <backends/delivery/random.hpp>

#include "catch.hpp"

#include <cstdint>

namespace {

using namespace backends;
using phase = delivery_phase;

/// Waits one second more each time.
struct counting_backoff {
    std::int64_t failures = 0;
    counting_backoff(nanoseconds, nanoseconds) noexcept {}
    template <class Random>
    nanoseconds next(Random&) noexcept {
        return seconds{++failures};
    }
    void reset() noexcept { failures = 0; }
};

struct walk {
    delivery_options options;
    instant now{1'000'000'000'000};
    detail::failover<counting_backoff, split_mix> at;

    explicit walk(std::size_t destinations, delivery_options how = {})
        : options{how}, at{options, destinations, split_mix{1}} {}
};

TEST_CASE("destinations follow each other at once, and a back-off follows the last") {
    walk w{2};
    CHECK(w.at.destination() == 0);
    CHECK(w.at.leave_destination(w.now) == phase::idle);
    CHECK(w.at.destination() == 1);
    CHECK(w.at.leave_destination(w.now) == phase::waiting);
    CHECK(w.at.destination() == 0);
    CHECK(w.at.until() == w.now + seconds{1});
}

TEST_CASE("the back-off grows until a line is confirmed") {
    walk w{1};
    w.at.leave_destination(w.now);
    w.at.leave_destination(w.now);
    CHECK(w.at.until() == w.now + seconds{2});
    w.at.connected(w.now);
    w.at.leave_destination(w.now);
    CHECK(w.at.until() == w.now + seconds{3});
    w.at.confirmed();
    w.at.leave_destination(w.now);
    CHECK(w.at.until() == w.now + seconds{1});
}

TEST_CASE("a delay that a destination asks for counts when its round is over") {
    walk w{2};
    CHECK(w.at.leave_destination(w.now, seconds{30}) == phase::idle);
    CHECK(w.at.leave_destination(w.now) == phase::waiting);
    CHECK(w.at.until() == w.now + seconds{30});
    w.at.leave_destination(w.now);
    w.at.leave_destination(w.now);
    CHECK(w.at.until() == w.now + seconds{2});  // the next round has its own
}

TEST_CASE("a look-up has its time") {
    walk w{1, {.resolve_timeout = seconds{7}}};
    w.at.look_up(w.now, w.options);
    CHECK(w.at.until() == w.now + seconds{7});
}

TEST_CASE("the addresses of a name are tried in order, up to the bound") {
    walk w{2, {.max_endpoints = 2}};
    CHECK(w.at.found(w.now, 1000, w.options) == phase::connecting);
    CHECK(w.at.endpoint() == 0);
    CHECK(w.at.leave_endpoint(w.now, w.options) == phase::connecting);
    CHECK(w.at.endpoint() == 1);
    CHECK(w.at.leave_endpoint(w.now, w.options) == phase::idle);
    CHECK(w.at.destination() == 1);
}

TEST_CASE("addresses share the time to connect, and none has less than an eighth") {
    walk w{1, {.connect_timeout = seconds{16}, .max_endpoints = 100}};
    w.at.found(w.now, 2, w.options);
    CHECK(w.at.until() == w.now + seconds{8});
    w.at.leave_endpoint(w.now + seconds{8}, w.options);
    CHECK(w.at.until() == w.now + seconds{16});
    w.at.found(w.now, 100, w.options);
    CHECK(w.at.until() == w.now + seconds{2});
}

TEST_CASE("without time for another address the destination has failed") {
    walk w{1, {.connect_timeout = seconds{16}}};
    w.at.found(w.now, 2, w.options);
    CHECK(w.at.leave_endpoint(w.now + seconds{16}, w.options) == phase::waiting);
}

TEST_CASE("a destination that works is used again, until renew_every is over") {
    walk w{2};
    w.at.leave_destination(w.now);
    w.at.connected(w.now);
    CHECK_FALSE(w.at.is_due(w.now + seconds{9}, seconds{10}));
    CHECK(w.at.renew(w.now + seconds{9}, seconds{10}) == phase::idle);
    CHECK(w.at.destination() == 1);
    w.at.connected(w.now + seconds{9});  // the same use goes on
    CHECK(w.at.is_due(w.now + seconds{10}, seconds{10}));
    CHECK(w.at.renew(w.now + seconds{10}, seconds{10}) == phase::waiting);
    CHECK(w.at.destination() == 0);
    CHECK(w.at.until() == w.now + seconds{10});
}

TEST_CASE("renew_every of 0 never ends a use") {
    walk w{1};
    w.at.connected(w.now);
    CHECK_FALSE(w.at.is_due(w.now + seconds{1'000'000}, {}));
}

}  // namespace
