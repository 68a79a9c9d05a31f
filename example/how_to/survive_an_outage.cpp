// SPDX-License-Identifier: BSL-1.0
//
// The receiver is away for an hour, by a clock that the program moves, and has every line after it.
#include <backends/exporter/exporter.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/source/average.hpp>
#include <backends/storage/host.hpp>
#include <backends/testing/hand_clock.hpp>
#include <backends/transport/memory.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

using namespace std::chrono_literals;
using backends::testing::hand_clock, backends::testing::hand_policies;

int main() {
    backends::host host{"web-1"};
    auto& room = host.add("room", {"celsius"});
    auto peer = std::make_shared<backends::memory_peer>();

    //! [options]
    const backends::options for_an_hour{
        .destination = "graphite-1",
        .update_every = 10s,
        .buffer_on_failures = 370,              // an hour of cycles, and some more
        .max_age = 2h,                          // the receiver refuses older samples
        .queue_bytes = std::size_t{64} << 20U,  // and room for their lines
    };
    //! [options]

    backends::exporter<backends::average, backends::graphite_plaintext, backends::memory,
                       backends::host, hand_policies>
        exporter{host, for_an_hour, backends::memory{peer}};

    // A sample a second. poll() is called when it asks for it, and not later than the next sample.
    bool taken = true;
    const auto pass = [&](backends::seconds time) {
        for (std::int64_t s = 0; s < time.value; ++s) {
            taken = taken && room.record(hand_clock::system_now(), {21.5});
            const backends::instant next = hand_clock::steady_now() + backends::seconds{1};
            while (hand_clock::steady_now() < next) {
                const backends::instant due = exporter.poll(hand_clock::steady_now());
                hand_clock::time.advance_to(std::min(due, next));
            }
        }
    };

    peer->with([](auto& p) { p.refuses = true; });
    pass(3600s);
    const bool waits = exporter.counters().confirmed.lines == 0;
    peer->with([](auto& p) { p.refuses = false; });
    pass(20s);  // the next attempt comes within update_every

    //! [account]
    const backends::counters now = exporter.counters();
    std::printf("accepted %llu, confirmed %llu, dropped %llu lines\n",
                static_cast<unsigned long long>(now.accepted.lines),
                static_cast<unsigned long long>(now.confirmed.lines),
                static_cast<unsigned long long>(now.lost().lines));
    //! [account]

    const std::string lines = peer->received();
    const bool right = now.balanced() && now.accepted == now.confirmed &&
                       now.confirmed.lines > 360 &&
                       std::count(lines.begin(), lines.end(), '\n') ==
                           static_cast<std::ptrdiff_t>(now.confirmed.lines);
    return taken && waits && right ? 0 : 1;
}
