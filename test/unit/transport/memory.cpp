// SPDX-License-Identifier: BSL-1.0
#include <backends/transport/memory.hpp>

#include "catch.hpp"

#include <array>
#include <string>

using backends::errc;
using backends::memory;

static_assert(backends::waiting_transport<memory>);

TEST_CASE("the peer of a memory transport keeps what was written") {
    memory t;
    t.connect(0);
    REQUIRE_FALSE(t.connected().error);
    CHECK(t.write_some(std::string{"one\n"}).count == 4);
    CHECK(t.peer().received() == "one\n");
}

TEST_CASE("a peer with little room takes part of a write, and then none") {
    memory t;
    t.connect(0);
    t.peer().with([](auto& p) { p.room = 3; });
    CHECK(t.write_some(std::string{"12345"}).count == 3);
    CHECK(t.write_some(std::string{"45"}).would_block());
}

TEST_CASE("a peer that refuses cannot be connected to") {
    memory t;
    t.peer().with([](auto& p) { p.refuses = true; });
    t.connect(0);
    CHECK(t.connected().error == std::errc::connection_refused);
}

TEST_CASE("replies are read, then the end") {
    memory t;
    t.connect(0);
    t.peer().with([](auto& p) { p.replies = "no\n"; });
    std::array<char, 2> room{};
    CHECK(t.read_some(room).count == 2);
    CHECK(t.read_some(room).count == 1);
    CHECK(t.read_some(room).would_block());
    t.half_close();
    CHECK(t.read_some(room).error == errc::end_of_stream);
}

TEST_CASE("wake ends the wait") {
    memory t;
    int events = 0;
    t.on_event({[](void* n) noexcept { ++*static_cast<int*>(n); }, &events});
    t.arm(true, true, backends::instant::never());
    t.wake();
    t.run_one();
    CHECK(events == 1);
}

TEST_CASE("a reset takes back what the peer has not acknowledged") {
    memory t;
    t.connect(0);
    CHECK(t.write_some(std::string{"one\ntwo\n"}).count == 8);
    t.peer().with([](auto& p) { p.unacknowledged = 3; });
    t.abort();
    CHECK(t.peer().received() == "one\nt");
    CHECK(t.unacknowledged() == 0U);
    CHECK(t.peer().with([](const auto& p) { return p.resets; }) == 1);
    CHECK(t.write_some(std::string{"x"}).error == std::errc::broken_pipe);
}
