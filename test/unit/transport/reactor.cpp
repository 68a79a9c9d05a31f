// SPDX-License-Identifier: BSL-1.0
//
// The waiting half of a transport of one's own, on this thread and on an executor.
#include <backends/transport/reactor.hpp>

#include <backends/transport/executor.hpp>
#include <backends/transport/transport.hpp>

#include "catch.hpp"
#include "support/descriptor_pair.hpp"

#include <boost/asio/io_context.hpp>

#include <thread>
#include <utility>

using backends::instant;

namespace {

/// As a transport derives from it.
struct waits : backends::reactor {
    using reactor::reactor;
    using reactor::unwatch;
    using reactor::waking;
    using reactor::watch;
};

struct counted {
    int events = 0;
    [[nodiscard]] backends::waker waker() noexcept {
        return {[](void* self) noexcept { ++static_cast<counted*>(self)->events; }, this};
    }
};

}  // namespace

TEST_CASE("on this thread an event ends run_one()") {
    test::descriptor_pair ends;
    counted count;
    waits reactor;
    reactor.on_event(count.waker());
    CHECK_FALSE(reactor.on_users_executor());
    reactor.poll();
    CHECK(count.events == 0);
    ends.send();
    reactor.watch(ends.ours, true, false);
    reactor.run_one();
    CHECK(count.events == 1);
    waits moved{std::move(reactor)};
    std::thread other{moved.waking().call, moved.waking().object};
    moved.run_one();
    other.join();
    CHECK(count.events == 2);
}

TEST_CASE("on the user's executor each event comes from it, and none after finish()") {
    test::descriptor_pair ends;
    counted count;
    boost::asio::io_context context;
    waits reactor{context.get_executor()};
    reactor.on_event(count.waker());
    CHECK(reactor.on_users_executor());
    reactor.watch(ends.ours, true, false);
    context.poll();
    CHECK(count.events == 0);
    ends.send();
    context.restart();
    context.run_one();
    CHECK(count.events == 1);

    reactor.watch(ends.ours, false, false, instant{1});  // long ago
    context.restart();
    context.run_one();
    CHECK(count.events == 2);

    std::thread other{reactor.waking().call, reactor.waking().object};
    reactor.watch(-1, false, false);
    context.restart();
    context.run_one();
    other.join();
    CHECK(count.events == 3);

    reactor.watch(ends.ours, true, true);
    reactor.finish({});
    context.restart();
    context.run();
    CHECK(count.events == 3);
}

TEST_CASE("a descriptor may be closed, and a reactor may go, while it waits") {
    boost::asio::io_context context;
    counted count;
    {
        waits reactor{context.get_executor()};
        reactor.on_event(count.waker());
        {
            const test::descriptor_pair ends;
            reactor.watch(ends.ours, true, false);
            reactor.unwatch();
        }
        const test::descriptor_pair next;
        reactor.watch(next.ours, true, true, instant::never());
        context.run_one();
        CHECK(count.events == 1);
        reactor.watch(next.ours, true, false, instant::never());
    }
    context.run();
    CHECK(count.events == 1);
}
