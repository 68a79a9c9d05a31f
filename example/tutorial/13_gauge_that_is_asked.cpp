// SPDX-License-Identifier: BSL-1.0
//
// A gauge that is asked: a callback gives a struct of numbers once a slot, as long as the program
// keeps what observe() returns.
#include "loopback.hpp"

#include <backends/exporter/exporter.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/source/last.hpp>
#include <backends/transport/tcp.hpp>

#include <boost/hana/adapt_struct.hpp>

#include <mutex>
#include <vector>

//! [struct]
struct pool_stats {
    std::size_t idle;
    double load;
};
BOOST_HANA_ADAPT_STRUCT(pool_stats, idle, load);
//! [struct]

int main() {
    loopback<backends::graphite_plaintext> receiver;
    backends::host host{"web-1"};
    backends::exporter<backends::last, backends::graphite_plaintext, backends::tcp> exporter{
        host, {.destination = receiver.destination(), .prefix = "shop"}};
    exporter.start();
    //! [ask]
    std::mutex mutex;
    std::vector<int> idle(4);
    const auto pool = host.observe("pool", [&] {
        const std::scoped_lock lock{mutex};  // the exporter's thread asks
        return pool_stats{idle.size(), 1 - static_cast<double>(idle.size()) / 10};
    });
    //! [ask]
    const auto end = exporter.stop(backends::seconds{5});  // asks once more
    return end.complete() && receiver.got("shop.web-1.pool.idle", "4.0000000") &&
                   receiver.got("shop.web-1.pool.load", "0.6000000")
               ? 0
               : 1;
}
