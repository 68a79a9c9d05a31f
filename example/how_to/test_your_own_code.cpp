// SPDX-License-Identifier: BSL-1.0
//
// A test of code that records: the lines of 20 seconds are in a string at once.
#include <backends/exporter/exporter.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/instrument/counter.hpp>
#include <backends/source/sum.hpp>
#include <backends/testing/hand_clock.hpp>
#include <backends/transport/memory.hpp>

#include <cstdio>
#include <memory>

using backends::testing::hand_clock, backends::testing::hand_policies;

class worker {  // the code under test
public:
    explicit worker(backends::host& host)
        : jobs_{host.instrument<backends::counter>("worker.jobs")} {}
    void work() noexcept { jobs_.add(2); }

private:
    backends::counter& jobs_;
};

int main() {
    //! [test]
    backends::host host{"web-1"};
    worker tested{host};
    auto peer = std::make_shared<backends::memory_peer>();
    backends::exporter<backends::sum, backends::graphite_plaintext, backends::memory,
                       backends::host, hand_policies>
        exporter{host, {.align = false, .self_monitoring = false}, backends::memory{peer}};

    for (int second = 0; second <= 20; ++second) {
        exporter.poll(hand_clock::steady_now());
        tested.work();
        hand_clock::time.advance(backends::seconds{1});
    }
    const bool right = peer->received() ==
                       "netdata.web-1.worker.jobs.value 20.0000000 1700000010\n"
                       "netdata.web-1.worker.jobs.value 20.0000000 1700000020\n";
    //! [test]
    std::printf("%s", peer->received().c_str());
    return right ? 0 : 1;
}
