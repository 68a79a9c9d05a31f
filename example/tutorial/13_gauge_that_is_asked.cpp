// SPDX-License-Identifier: BSL-1.0
//
// A gauge that is asked: a callback gives a struct of numbers once a slot, as long as the program
// keeps what observe() returns.
#include <backends/exporter/exporter.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/source/last.hpp>
#include <backends/transport/tcp.hpp>

#include <boost/hana/adapt_struct.hpp>

#include "loopback.hpp"

#include <chrono>
#include <mutex>
#include <vector>

//! [struct]
struct pool_stats {
    std::size_t idle;
    double load;
};
BOOST_HANA_ADAPT_STRUCT(pool_stats, idle, load);

class pool {
public:
    explicit pool(backends::host& host)
        : asked_{host.observe("pool", [this] {
              const std::scoped_lock lock{mutex_};  // the exporter's thread asks
              return pool_stats{idle_.size(), 1 - static_cast<double>(idle_.size()) / 10};
          })} {}

private:
    std::mutex mutex_;
    std::vector<int> idle_ = std::vector<int>(4);
    backends::observation<backends::host> asked_;  // last: it ends before what it is about
};
//! [struct]

int main() {
    loopback<backends::graphite_plaintext> receiver;
    backends::host host{"web-1"};
    backends::exporter<backends::last, backends::graphite_plaintext, backends::tcp> exporter{
        host, {.destination = receiver.destination(), .prefix = "shop"}};
    {
        const pool connections{host};
        host.sample(1'700'000'000);  // an exporter that runs does it once a second
    }  // the chart ends, and is exported once more
    exporter.start();
    const auto end = exporter.stop(std::chrono::seconds{5});
    return end.complete() && receiver.got("shop.web-1.pool.idle", "4.0000000") &&
                   receiver.got("shop.web-1.pool.load", "0.6000000")
               ? 0
               : 1;
}
