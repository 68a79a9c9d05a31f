// SPDX-License-Identifier: BSL-1.0
//
// What each receiver needs of an exporter. A memory transport stands for the network here.
#include <backends/exporter/exporter.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/format/json_plaintext.hpp>
#include <backends/format/opentsdb_telnet.hpp>
#include <backends/source/average.hpp>
#include <backends/storage/host.hpp>
#include <backends/transport/memory.hpp>

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

using namespace std::chrono_literals;

namespace {

//! [graphite]
template <class Transport>
using to_graphite = backends::exporter<backends::average, backends::graphite_plaintext, Transport>;

const backends::options graphite{
    .destination = "graphite-1",  // port 2003
    .prefix = "shop",
    .update_every = 10s,  // the finest retention of storage-schemas.conf, or a multiple of it
};
//! [graphite]

//! [opentsdb]
template <class Transport>
using to_opentsdb = backends::exporter<backends::average, backends::opentsdb_telnet, Transport>;

const backends::options opentsdb{
    .destination = "opentsdb-1",  // port 4242
    .prefix = "shop",
    .tags = {{"dc", "fra"}},  // beside host=, which every line has
};
//! [opentsdb]

//! [victoriametrics]
const backends::options victoriametrics{
    .destination = "victoria-1:2003",  // -graphiteListenAddr=:2003
    .prefix = "shop",
    .tags = {{"dc", "fra"}},  // become labels
};
//! [victoriametrics]

//! [influxdb]
const backends::options influxdb{
    .destination = "influx-1:2003",  // bind-address of [[graphite]]
    .prefix = "shop",
};
//! [influxdb]

//! [logstash]
template <class Transport>
using to_logstash = backends::exporter<backends::average, backends::json_plaintext, Transport>;

const backends::options logstash{
    .destination = "logstash-1",  // port 5448
    .prefix = "shop",
    .tags = {{"dc", "fra"}},
};
//! [logstash]

/// Whether the only line up to its time is this one.
template <class Exporter>
bool sends(backends::options settings, std::string_view wanted) {
    backends::host host{"web-1"};
    if (!host.add("room", {"celsius"}).record(1'700'000'000, {21.5})) {
        return false;
    }
    settings.self_monitoring = false;
    auto peer = std::make_shared<backends::memory_peer>();
    Exporter exporter{host, settings, backends::memory{peer}};
    exporter.request_stop(1s);
    while (!exporter.finished()) {
        exporter.poll(backends::system_clock::steady_now());
    }
    std::printf("%s", peer->received().c_str());
    return peer->received().find(wanted) != std::string::npos;
}

}  // namespace

int main() {
    using backends::memory;
    bool right = sends<to_graphite<memory>>(graphite, "shop.web-1.room.celsius 21.5000000 ");
    right &=
        sends<to_graphite<memory>>(victoriametrics, "shop.web-1.room.celsius;dc=fra 21.5000000 ");
    right &= sends<to_graphite<memory>>(influxdb, "shop.web-1.room.celsius 21.5000000 ");
    right &= sends<to_opentsdb<memory>>(opentsdb, " 21.5000000 host=web-1 dc=fra\n");
    right &= sends<to_logstash<memory>>(logstash, R"("labels":{"dc":"fra"},"id":"room")");
    return right ? 0 : 1;
}
