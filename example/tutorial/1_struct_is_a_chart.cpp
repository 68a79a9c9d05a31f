// SPDX-License-Identifier: BSL-1.0
//
// The shortest program: a struct becomes a chart, and its averages go to Graphite from a thread of
// the exporter's own. The README shows it; test/readme runs it.
//! [program]
#include <backends/exporter/exporter.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/source/average.hpp>
#include <backends/storage/host.hpp>
#include <backends/transport/tcp.hpp>

#include <boost/hana/adapt_struct.hpp>

#include <chrono>

struct queue_stats {
    long depth;
    double wait_ms;
};
BOOST_HANA_ADAPT_STRUCT(queue_stats, depth, wait_ms);

int main(int argc, char** argv) {
    backends::host host{"web-1"};
    auto& queue = host.add<queue_stats>("app.queue");  // a row a second

    backends::exporter<backends::average, backends::graphite_plaintext, backends::tcp> exporter{
        host, {.destination = argc > 1 ? argv[1] : "localhost:2003", .prefix = "shop"}};
    exporter.start();  // every 10 seconds, on a thread of its own

    // From your own thread, once a second: a few nanoseconds, and a look at the system's clock.
    const bool recorded = queue.record({.depth = 3, .wait_ms = 1.5});

    const auto end = exporter.stop(std::chrono::seconds{1});  // what is left, within a second
    return recorded && end.complete() ? 0 : 1;
}
//! [program]
