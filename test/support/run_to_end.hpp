// SPDX-License-Identifier: BSL-1.0
//
// Drives an exporter over memory from its first step to its last, in a second of simulated time.
#pragma once

#include <backends/core/time.hpp>
#include <backends/core/wall_clock.hpp>
#include <backends/driver/clock.hpp>
#include <backends/storage/host.hpp>
#include <backends/transport/memory.hpp>

#include "catch.hpp"

#include <array>

namespace test {

/// A chart app.queue with two rows of the last seconds.
template <class Host>
void record_queue(Host& host) {
    auto& chart = host.add("app.queue", {"depth", "wait"});
    const backends::unix_seconds now = backends::wall_clock().second;
    for (backends::unix_seconds at = now - 2; at != now; ++at) {
        REQUIRE(chart.record(at, std::array{1.5, -2.0}));
    }
}

/// Exports what is there, and stops. `answers(peer)` is the receiver, after every step.
template <class Exporter, class Answers>
void run_to_end(Exporter& e, backends::memory_peer& peer, Answers answers) {
    backends::instant at = backends::system_clock::steady_now();
    e.poll(at);
    CHECK_FALSE(e.request_stop(backends::seconds{10}));
    for (int i = 0; i < 1'000 && !e.finished(); ++i) {
        at = at + backends::milliseconds(1);
        e.poll(at);
        peer.with(answers);
    }
    CHECK(e.finished());
}

}  // namespace test
