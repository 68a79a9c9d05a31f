// SPDX-License-Identifier: BSL-1.0
//
// The shortest program: a struct becomes a chart, and its averages go to Graphite from a thread of
// the exporter's own.
#include "loopback.hpp"

//! [includes]
#include <backends/exporter/exporter.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/source/average.hpp>
#include <backends/storage/host.hpp>
#include <backends/transport/tcp.hpp>
//! [includes]

#include <boost/hana/adapt_struct.hpp>

#include <chrono>

//! [struct]
struct queue_stats {
    long depth;
    double wait_ms;
};
BOOST_HANA_ADAPT_STRUCT(queue_stats, depth, wait_ms);
//! [struct]

int main() {
    loopback<backends::graphite_plaintext> receiver;

    //! [export]
    backends::host host{"web-1"};
    auto& queue = host.add<queue_stats>("app.queue");  // a slot a second, an hour of them

    backends::exporter<backends::average, backends::graphite_plaintext, backends::tcp> exporter{
        host, {.destination = receiver.destination(), .prefix = "shop"}};
    exporter.start();  // every 10 seconds, on a thread of its own

    queue.record({.depth = 3, .wait_ms = 1.5});  // a few nanoseconds, from your own thread

    exporter.stop(std::chrono::seconds{1});  // delivers what is left, within a second
    //! [export]

    const bool right = receiver.got("shop.web-1.app.queue.depth", "3.0000000") &&
                       receiver.got("shop.web-1.app.queue.wait_ms", "1.5000000");
    return right ? 0 : 1;
}
