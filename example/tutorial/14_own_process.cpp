// SPDX-License-Identifier: BSL-1.0
//
// The process's own metrics: processor time, memory, threads, files, asked of the kernel once a
// slot.
#include <backends/exporter/exporter.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/monitor/process.hpp>
#include <backends/source/as_collected.hpp>
#include <backends/transport/tcp.hpp>

#include "loopback.hpp"

#include <chrono>
#include <string>

int main() {
    loopback<backends::graphite_plaintext> receiver;
    //! [process]
    backends::host host{"web-1"};
    const auto process = backends::observe_process(host);  // the chart `process`
    //! [process]
    backends::exporter<backends::as_collected, backends::graphite_plaintext, backends::tcp>
        exporter{host, {.destination = receiver.destination(), .prefix = "shop"}};
    exporter.start();
    const auto end = exporter.stop(std::chrono::seconds{5});
    const auto threads = process.chart().collected(3);
    return end.complete() && threads.present &&
                   receiver.got("shop.web-1.process.threads", std::to_string(threads.bits))
               ? 0
               : 1;
}
