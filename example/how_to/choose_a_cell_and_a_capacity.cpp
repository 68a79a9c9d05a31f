// SPDX-License-Identifier: BSL-1.0
//
// Four bytes a sample, and a minute of samples in place of five.
#include <backends/cell/packed_cell.hpp>
#include <backends/exporter/exporter.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/source/sum.hpp>
#include <backends/storage/host.hpp>
#include <backends/transport/memory.hpp>

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>

int main() {
    //! [host]
    using small_host = backends::basic_host<backends::packed_cell, 60>;  // 60 slots of 4 bytes

    small_host host{"web-1"};
    auto& sales = host.add("sales", {"euro"});

    using small_exporter = backends::exporter<backends::sum, backends::graphite_plaintext,
                                              backends::memory, small_host>;
    //! [host]

    bool taken = true;
    for (int second = 0; second < 10; ++second) {
        taken = taken && sales.record(1'700'000'000 + second, {0.1});
    }
    auto peer = std::make_shared<backends::memory_peer>();
    small_exporter exporter{
        host, {.prefix = "shop", .self_monitoring = false}, backends::memory{peer}};
    exporter.request_stop(std::chrono::seconds{1});
    while (!exporter.finished()) {
        exporter.poll(backends::system_clock::steady_now());
    }
    std::printf("%s", peer->received().c_str());
    const bool right = peer->received().starts_with("shop.web-1.sales.euro 1.0000000 ");
    return taken && right ? 0 : 1;
}
