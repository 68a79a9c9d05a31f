// SPDX-License-Identifier: BSL-1.0
//
// Exports the row of the other file in a last cycle.
#include "charts.hpp"

#include <backends/backends.hpp>

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>

int main() {
    backends::host host{"web-1"};
    const bool recorded = record_row(host);

    auto peer = std::make_shared<backends::memory_peer>();
    backends::exporter<backends::last, backends::graphite_plaintext, backends::memory> exporter{
        host, {.prefix = "shop", .self_monitoring = false}, backends::memory{peer}};
    exporter.request_stop(std::chrono::seconds{10});
    while (!exporter.finished()) {
        exporter.poll(backends::system_clock::steady_now());
    }

    const std::string line = peer->received();
    std::printf("%s", line.c_str());
    return recorded && line.starts_with("shop.web-1.app.queue.depth 3.0000000 ") ? 0 : 1;
}
