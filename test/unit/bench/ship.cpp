// SPDX-License-Identifier: BSL-1.0
#include <backends/bench/ship.hpp>

#include <backends/transport/memory.hpp>
#include <backends/transport/tcp.hpp>

#include "catch.hpp"

#include <memory>
#include <string>

namespace {

using namespace backends;

constexpr std::size_t series = 20;

}  // namespace

TEST_CASE("a shipped tick ends when the transport has taken all of its lines") {
    const auto peer = std::make_shared<memory_peer>();
    bench::shipped_cycle<memory> system{series, memory{peer}, "peer"};
    const std::size_t before = peer->received().size();
    system.record(10);
    const bench::output made = system.tick();
    CHECK(made.lines == series);
    CHECK(peer->received().size() - before == made.bytes);
    system.settle();
}

TEST_CASE("without a destination a reader on the loopback interface takes the lines") {
    bench::shipped_cycle<tcp> system{series, tcp{}, ""};
    system.record(10);
    CHECK(system.tick().lines == series);
    system.settle();
}
