// SPDX-License-Identifier: BSL-1.0
//
// Count from many threads: what arrives is exactly what the threads counted.
#include "loopback.hpp"

#include <backends/exporter/exporter.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/instrument/counter.hpp>
#include <backends/instrument/peak.hpp>
#include <backends/source/as_collected.hpp>
#include <backends/transport/tcp.hpp>

#include <boost/hana/adapt_struct.hpp>
#include <thread>
#include <vector>

//! [struct]
struct http_stats {
    backends::counter requests;        // events: a sample is what a slot has of them
    backends::peak<int> queue_length;  // the greatest value of each slot
};
BOOST_HANA_ADAPT_STRUCT(http_stats, requests, queue_length);
//! [struct]

int main() {
    loopback<backends::graphite_plaintext> receiver;
    //! [threads]
    backends::host host{"web-1"};
    auto& http = host.instrument<http_stats>("http");
    backends::exporter<backends::as_collected, backends::graphite_plaintext, backends::tcp>
        exporter{host, {.destination = receiver.destination(), .prefix = "shop"}};
    exporter.start();  // takes a row of `http` once a second
    std::vector<std::jthread> workers(4);
    for (std::jthread& worker : workers) {
        worker = std::jthread{[&http] {
            for (int n = 0; n < 1000; ++n) {
                http.requests.add();  // under a nanosecond, from any thread
            }
            http.queue_length.record(7);
        }};
    }
    //! [threads]
    workers.clear();                                       // joins
    const auto end = exporter.stop(backends::seconds{5});  // what is left is sampled and sent
    return end.complete() && receiver.got("shop.web-1.http.requests", "4000") ? 0 : 1;
}
