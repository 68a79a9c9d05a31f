// SPDX-License-Identifier: BSL-1.0
//
// One receiver that takes another one's place, and two that both have everything.
#include "../tutorial/loopback.hpp"

#include <backends/exporter/exporter.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/source/average.hpp>
#include <backends/storage/host.hpp>
#include <backends/transport/tcp.hpp>

#include <chrono>
#include <string>

using namespace std::chrono_literals;

int main() {
    loopback<backends::graphite_plaintext> first;
    loopback<backends::graphite_plaintext> second;
    const std::string graphite_1 = "127.0.0.1:1";  // nobody listens there
    const std::string graphite_2 = first.destination();
    const std::string archive = second.destination();

    backends::host host{"web-1"};
    const bool taken = host.add("room", {"celsius"}).record({21.5});

    //! [two]
    using exporter =
        backends::exporter<backends::average, backends::graphite_plaintext, backends::tcp>;

    // Fail-over: the second destination while the first one is away.
    exporter primary{host, {.destination = graphite_1 + " " + graphite_2, .prefix = "shop"}};
    // Both: a second exporter over the same host, with a queue and a period of its own.
    exporter copy{host, {.destination = archive, .prefix = "shop", .update_every = 60s}};
    primary.start();
    copy.start();
    //! [two]

    const bool delivered = primary.stop(5s).complete() && copy.stop(5s).complete();
    const bool right = first.got("shop.web-1.room.celsius", "21.5000000") &&
                       second.got("shop.web-1.room.celsius", "21.5000000");
    return taken && delivered && right ? 0 : 1;
}
