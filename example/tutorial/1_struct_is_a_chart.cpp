// SPDX-License-Identifier: BSL-1.0
//
// A struct of numbers is a chart: one thread records a row of it once a second.
#include "loopback.hpp"

#include <backends/exporter/exporter.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/source/average.hpp>
#include <backends/storage/host.hpp>
#include <backends/transport/tcp.hpp>

#include <boost/hana/adapt_struct.hpp>

//! [struct]
struct queue_stats {
    long depth;
    double wait_ms;
};
BOOST_HANA_ADAPT_STRUCT(queue_stats, depth, wait_ms);
//! [struct]

int main() {
    loopback<backends::graphite_plaintext> receiver;
    backends::host host{"web-1"};
    auto& queue = host.add<queue_stats>("app.queue");  // a row a second

    backends::exporter<backends::average, backends::graphite_plaintext, backends::tcp> exporter{
        host, {.destination = receiver.destination(), .prefix = "shop"}};
    exporter.start();

    //! [record]
    // From your own thread, once a second: a few nanoseconds, and a look at the system's clock.
    const bool recorded = queue.record({.depth = 3, .wait_ms = 1.5});
    //! [record]

    const bool sent = exporter.stop(backends::seconds{5}).complete();
    return recorded && sent && receiver.got("shop.web-1.app.queue.depth", "3.0000000") &&
                   receiver.got("shop.web-1.app.queue.wait_ms", "1.5000000")
               ? 0
               : 1;
}
