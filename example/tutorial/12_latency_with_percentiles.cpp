// SPDX-License-Identifier: BSL-1.0
//
// Latency with percentiles: threads record durations into a histogram. What arrives is the
// quantiles of each window, and exactly how many there were.
#include <backends/exporter/exporter.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/instrument/counter.hpp>
#include <backends/instrument/histogram.hpp>
#include <backends/source/sum.hpp>
#include <backends/transport/tcp.hpp>

#include <boost/hana/adapt_struct.hpp>

#include "loopback.hpp"

#include <chrono>
#include <thread>
#include <vector>

//! [struct]
struct shop_stats {
    backends::counter orders;
    backends::histogram<std::chrono::microseconds> latency;  // its lines are in microseconds
};
BOOST_HANA_ADAPT_STRUCT(shop_stats, orders, latency);
//! [struct]

int main() {
    loopback<backends::graphite_plaintext> receiver;
    backends::host host{"web-1"};
    auto& shop = host.instrument<shop_stats>("shop");

    backends::exporter<backends::sum, backends::graphite_plaintext, backends::tcp> exporter{
        host, {.destination = receiver.destination(), .prefix = "eu"}};
    exporter.start();

    //! [threads]
    std::vector<std::thread> workers;
    for (int worker = 0; worker < 4; ++worker) {
        workers.emplace_back([&shop] {
            for (int n = 1; n <= 1000; ++n) {
                shop.orders.add();
                shop.latency.record(std::chrono::milliseconds{n});  // some 3 ns
            }
            const auto timing = shop.latency.time();  // how long the rest of the block takes
        });
    }
    //! [threads]
    for (std::thread& one : workers) {
        one.join();
    }
    const auto end = exporter.stop(std::chrono::seconds{5});
    return end.complete() && receiver.got("eu.web-1.shop.orders", "4000.0000000") &&
                   receiver.got("eu.web-1.shop.latency.count", "4004") &&
                   receiver.got("eu.web-1.shop.latency.max", "1000000.0000000")
               ? 0
               : 1;
}
