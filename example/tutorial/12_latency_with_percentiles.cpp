// SPDX-License-Identifier: BSL-1.0
//
// The first program: a counter and a latency from several threads.
//! [program]
#include <backends/exporter/exporter.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/instrument/counter.hpp>
#include <backends/instrument/histogram.hpp>
#include <backends/source/sum.hpp>
#include <backends/transport/tcp.hpp>

#include <boost/hana/adapt_struct.hpp>
#include <chrono>
#include <thread>

//! [struct]
struct order_stats {
    backends::counter taken;
    backends::histogram<std::chrono::microseconds> latency;  // its lines are in microseconds
};
BOOST_HANA_ADAPT_STRUCT(order_stats, taken, latency);
//! [struct]

int main(int argc, char** argv) {
    backends::host host{"web-1"};
    auto& orders = host.instrument<order_stats>("orders");
    backends::exporter<backends::sum, backends::graphite_plaintext, backends::tcp> exporter{
        host, {.destination = argc > 1 ? argv[1] : "localhost:2003", .prefix = "shop"}};
    exporter.start();  // every 10 seconds, on a thread of its own

    //! [threads]
    const auto work = [&orders] {
        for (int n = 1; n <= 1000; ++n) {
            orders.taken.add();                                   // under a nanosecond
            orders.latency.record(std::chrono::microseconds{n});  // some 3 ns
        }
        const auto timing = orders.latency.time();  // or: how long the rest of a block takes
    };
    std::thread one{work};
    std::thread other{work};
    //! [threads]
    one.join();
    other.join();
    return exporter.stop(std::chrono::seconds{1}).complete() ? 0 : 1;  // what is left, delivered
}
//! [program]
