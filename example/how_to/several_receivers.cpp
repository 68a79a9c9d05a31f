// SPDX-License-Identifier: BSL-1.0
//
// Several exporters on one thread, over TCP and over HTTP.
#include "../tutorial/loopback.hpp"

#include <backends/exporter/exporter.hpp>
#include <backends/exporter/exporters.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/format/influx_lines.hpp>
#include <backends/source/average.hpp>
#include <backends/storage/host.hpp>
#include <backends/transport/http_post.hpp>
#include <backends/transport/tcp.hpp>

#include <chrono>
#include <string>

using namespace std::chrono_literals;

int main() {
    loopback<backends::graphite_plaintext> graphite;
    loopback<backends::influx_lines> influx;
    const std::string graphite_1 = graphite.destination();
    const std::string influx_1 = influx.destination();

    backends::host host{"web-1"};
    const bool taken = host.add("room", {"celsius"}).record({21.5});

    //! [several]
    using over_tcp =
        backends::exporter<backends::average, backends::graphite_plaintext, backends::tcp>;
    using influx_post = backends::http_post_for<backends::influx_lines, backends::tcp>;
    using over_http = backends::exporter<backends::average, backends::influx_lines, influx_post>;
    over_tcp one{host, {.destination = graphite_1, .prefix = "shop"}};
    over_http two{host,
                  {.destination = "http://" + influx_1 + "/write?db=shop&precision=s",
                   .prefix = "shop",
                   .self_monitoring = false}};
    backends::exporters all{host, one, two};
    all.start();  // one thread for both
    //! [several]

    const auto results = all.stop(5s);
    const bool right = graphite.got("shop.web-1.room.celsius", "21.5000000") &&
                       influx.got("shop.room.celsius{web-1}", "21.5000000");
    return taken && results[0].complete() && results[1].complete() && right ? 0 : 1;
}
