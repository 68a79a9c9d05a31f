// SPDX-License-Identifier: BSL-1.0
//
// Count from many threads: a struct of instruments is a chart that any thread records into. What
// arrives is exactly what the threads counted.
#include <backends/exporter/exporter.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/instrument/counter.hpp>
#include <backends/instrument/peak.hpp>
#include <backends/instrument/up_down_counter.hpp>
#include <backends/source/as_collected.hpp>
#include <backends/transport/tcp.hpp>

#include <boost/hana/adapt_struct.hpp>

#include "loopback.hpp"

#include <chrono>
#include <thread>
#include <vector>

//! [struct]
struct http_stats {
    backends::counter requests;        // events: a sample is what a slot has of them
    backends::up_down_counter open;    // what there is now
    backends::peak<int> queue_length;  // the greatest value of each slot
};
BOOST_HANA_ADAPT_STRUCT(http_stats, requests, open, queue_length);
//! [struct]

int main() {
    loopback<backends::graphite_plaintext> receiver;
    //! [threads]
    backends::host host{"web-1"};
    auto& http = host.instrument<http_stats>("http");

    backends::exporter<backends::as_collected, backends::graphite_plaintext, backends::tcp>
        exporter{host, {.destination = receiver.destination(), .prefix = "shop"}};
    exporter.start();  // takes a row of `http` once a second

    std::vector<std::thread> workers;
    for (int worker = 0; worker < 4; ++worker) {
        workers.emplace_back([&http, worker] {
            http.open.add();
            for (int n = 0; n < 1000; ++n) {
                http.requests.add();  // under a nanosecond, from any thread
            }
            http.queue_length.record(10 * worker);
            http.open.subtract();
        });
    }
    //! [threads]
    for (std::thread& one : workers) {
        one.join();
    }
    const auto end = exporter.stop(std::chrono::seconds{5});  // what is left is sampled and sent
    return end.complete() && receiver.got("shop.web-1.http.requests", "4000") &&
                   receiver.got("shop.web-1.http.open", "0")
               ? 0
               : 1;
}
