// SPDX-License-Identifier: BSL-1.0
//
// Labels that come and go: one chart for each combination of label values, made when a thread first
// asks for it, and removed when it was idle for long.
#include <backends/exporter/exporter.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/instrument/counter.hpp>
#include <backends/source/as_collected.hpp>
#include <backends/storage/family.hpp>
#include <backends/transport/tcp.hpp>

#include <boost/hana/adapt_struct.hpp>

#include "loopback.hpp"

#include <chrono>
#include <string>
#include <thread>
#include <vector>

struct endpoint_stats {
    backends::counter requests;
    backends::counter bytes;
};
BOOST_HANA_ADAPT_STRUCT(endpoint_stats, requests, bytes);

int main() {
    using namespace std::chrono_literals;
    loopback<backends::graphite_plaintext> receiver;
    //! [family]
    backends::host host{"web-1"};
    backends::family<endpoint_stats, "endpoint", "status"> by{
        host, "http", {.most = 2'000, .idle_after = 10min}};

    backends::exporter<backends::as_collected, backends::graphite_plaintext, backends::tcp>
        exporter{host, {.destination = receiver.destination(), .prefix = "shop"}};
    exporter.start();

    std::vector<std::thread> workers;
    for (int worker = 0; worker < 4; ++worker) {
        workers.emplace_back([&by, worker] {
            const auto mine = by.at("/item/" + std::to_string(worker), 200);  // looked up once
            for (int n = 0; n < 1000; ++n) {
                mine->requests.add();
                by.at("/cart", n % 10 == 0 ? 404 : 200)->requests.add();
            }
        });
    }
    //! [family]
    for (std::thread& one : workers) {
        one.join();
    }
    const auto end = exporter.stop(std::chrono::seconds{5});
    return end.complete() && by.size() == 6 &&
                   receiver.got("shop.web-1.http.requests;endpoint=/cart;status=404", "400") &&
                   receiver.got("shop.web-1.http.requests;endpoint=/item/3;status=200", "1000")
               ? 0
               : 1;
}
