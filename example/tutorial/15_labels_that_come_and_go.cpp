// SPDX-License-Identifier: BSL-1.0
//
// Labels that come and go: a chart for each combination of label values, made when a thread first
// asks for it, and removed when it was idle for long.
#include "loopback.hpp"

#include <backends/exporter/exporter.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/instrument/counter.hpp>
#include <backends/source/as_collected.hpp>
#include <backends/storage/family.hpp>
#include <backends/transport/tcp.hpp>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

int main() {
    using namespace std::chrono_literals;
    loopback<backends::graphite_plaintext> receiver;
    //! [family]
    backends::host host{"web-1"};
    backends::family<backends::counter, "endpoint", "status"> requests{
        host, "http.requests", {.most = 2'000, .idle_after = 10min}};
    backends::exporter<backends::as_collected, backends::graphite_plaintext, backends::tcp>
        exporter{host, {.destination = receiver.destination(), .prefix = "shop"}};
    exporter.start();

    std::vector<std::jthread> workers;
    for (int worker = 0; worker < 4; ++worker) {
        workers.emplace_back([&requests, worker] {
            const auto mine =
                requests.at("/item/" + std::to_string(worker), 200);  // looked up once
            for (int n = 0; n < 1000; ++n) {
                mine->add();
                requests.at("/cart", n % 10 == 0 ? 404 : 200)->add();
            }
        });
    }
    //! [family]
    workers.clear();  // joins
    const bool sent = exporter.stop(5s).complete();
    const std::string line = "shop.web-1.http.requests.value;endpoint=";
    return sent && receiver.got(line + "/cart;status=404", "400") ? 0 : 1;
}
