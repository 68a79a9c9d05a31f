// SPDX-License-Identifier: BSL-1.0
//
// Lines over HTTP. A memory transport stands for the network when this runs.
#include <backends/exporter/exporter.hpp>
#include <backends/format/json_plaintext.hpp>
#include <backends/format/opentsdb_http.hpp>
#include <backends/format/otlp_http.hpp>
#include <backends/format/prometheus_remote_write.hpp>
#include <backends/source/as_collected.hpp>
#include <backends/source/average.hpp>
#include <backends/storage/host.hpp>
#include <backends/transport/http_post.hpp>
#include <backends/transport/memory.hpp>
#include <backends/transport/tcp.hpp>

#include <cstdio>
#include <memory>
#include <string>

namespace {

//! [exporter]
template <class Next>
using over_http = backends::exporter<backends::average, backends::json_plaintext,
                                     backends::http_post<Next>>;  // Next: backends::tcp

const backends::options options{
    .destination = "vector-1:8080",
    .prefix = "shop",
};
const backends::http_options http{
    .target = "/metrics?source=shop",
    .content_type = "application/x-ndjson",
    .headers = {{"X-Team", "shop"}},
    .user = "shop",
    .password = "secret",
};
//! [exporter]

//! [opentsdb]
template <class Next>
using to_opentsdb = backends::exporter<backends::average, backends::opentsdb_http,
                                       backends::http_post_for<backends::opentsdb_http, Next>>;
//! [opentsdb]

//! [prometheus]
template <class Next>
using to_prometheus =
    backends::exporter<backends::average, backends::prometheus_remote_write,
                       backends::http_post_for<backends::prometheus_remote_write, Next>>;

const backends::options prometheus{
    .destination = "prometheus-1:9090",  // the path is the format's, /api/v1/write
    .prefix = "shop",
    .tags = {{"dc", "fra"}},  // become labels
};
//! [prometheus]

//! [opentelemetry]
template <class Next>
using to_opentelemetry = backends::exporter<backends::as_collected, backends::otlp_http,
                                            backends::http_post_for<backends::otlp_http, Next>>;

const backends::options opentelemetry{
    .destination = "collector-1:4318",                  // the path is the format's, /v1/metrics
    .prefix = "shop",                                   // the resource's service.name
    .tags = {{"deployment.environment.name", "test"}},  // attributes of the resource
};
//! [opentelemetry]

}  // namespace

int main() {
    const auto peer = std::make_shared<backends::memory_peer>();
    backends::host host{"web-1"};
    const to_opentsdb<backends::tcp> one{host, {.destination = "opentsdb-1:4242"}};
    const to_prometheus<backends::tcp> two{host, prometheus};
    const to_opentelemetry<backends::tcp> three{host, opentelemetry};
    auto& room = host.add("room", {"celsius"});
    const auto now = backends::wall_clock().second;
    static_cast<void>(room.record(now - 2, {21.5}));
    static_cast<void>(room.record(now - 1, {21.5}));

    over_http<backends::memory> exporter{
        host, options, backends::http_post<backends::memory>{http, backends::memory{peer}}};
    exporter.start();
    static_cast<void>(exporter.request_stop(backends::seconds{10}));
    while (!exporter.finished()) {
        peer->with([](auto& p) {
            const std::size_t asked = p.received.find("\r\n\r\n");
            if (asked != std::string::npos && !p.half_closed && p.replies.empty()) {
                p.received.erase(asked, 2);  // answered once
                p.replies = "HTTP/1.1 204 No Content\r\n\r\n";
            }
        });
    }
    const auto account = exporter.stop().counters;
    const std::string request = peer->received();
    const bool good =
        account.confirmed == account.accepted && account.confirmed.lines != 0 &&
        request.starts_with(
            "POST /metrics?source=shop HTTP/1.1\r\n"
            "Host: vector-1:8080\r\n") &&
        request.find("\r\nX-Team: shop\r\n") != std::string::npos &&
        request.find(R"("id":"room","subid":"celsius","value":21.5)") != std::string::npos;
    std::puts(good ? "confirmed" : request.c_str());
    return good ? 0 : 1;
}
