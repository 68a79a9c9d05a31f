// SPDX-License-Identifier: BSL-1.0
//
// A test of code that records: the lines of 20 seconds are in a string at once.
#include "hand_clock.hpp"

#include <backends/exporter/exporter.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/source/average.hpp>
#include <backends/storage/host.hpp>
#include <backends/transport/memory.hpp>

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>

using namespace std::chrono_literals;

namespace {

/// The code under test.
class worker {
public:
    explicit worker(backends::host& host) : jobs_{host.add("worker.jobs", {"done"})} {}

    [[nodiscard]] bool work(backends::unix_seconds now) noexcept {
        done_ += 2;
        return jobs_.record(now, {done_});
    }

private:
    backends::chart& jobs_;
    double done_ = 0;
};

}  // namespace

int main() {
    //! [test]
    backends::host host{"web-1"};
    worker tested{host};
    auto peer = std::make_shared<backends::memory_peer>();
    backends::exporter<backends::average, backends::graphite_plaintext, backends::memory,
                       backends::host, test_policies>
        exporter{host,
                 {.prefix = "shop", .update_every = 10s, .align = false, .self_monitoring = false},
                 backends::memory{peer}};

    bool taken = true;
    exporter.poll(hand_clock::steady_now());
    for (int second = 0; second < 20; ++second) {
        taken = taken && tested.work(hand_clock::system_now());
        hand_clock::time.advance(1s);
        exporter.poll(hand_clock::steady_now());
    }
    const bool right = peer->received() ==
                       "shop.web-1.worker.jobs.done 11.0000000 1700000010\n"
                       "shop.web-1.worker.jobs.done 31.0000000 1700000020\n";
    //! [test]
    std::printf("%s", peer->received().c_str());
    return taken && right ? 0 : 1;
}
