// SPDX-License-Identifier: BSL-1.0
//
// Sends a hundred charts of ten dimensions over HTTP, as collected: the next second of all of them
// for each line on standard input, and an answer on standard output when it is confirmed.
//
//     send_bodies FORMAT PORT FIRST_SECOND
#include <backends/delivery/options.hpp>
#include <backends/driver/shipping.hpp>
#include <backends/format/opentsdb_http.hpp>
#include <backends/format/otlp_http.hpp>
#include <backends/format/prometheus_remote_write.hpp>
#include <backends/format/resource_text.hpp>
#include <backends/transport/destination.hpp>
#include <backends/transport/http_post.hpp>
#include <backends/transport/tcp.hpp>

#include "thousand_series.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

template <class Format>
int send(const std::string& destination, backends::unix_seconds first) {
    backends::shipping<backends::http_post_for<Format, backends::tcp>, thousand_series::policies>
        to{{},
           backends::parse_destinations(destination, Format::default_port),
           {.queue_bytes = 1U << 20U}};
    if constexpr (backends::detail::has_resource<Format>) {
        to.transport().resource(backends::detail::resource_text<Format, backends::replace>::of(
            thousand_series::names()));
    }
    return thousand_series::send<Format>(to, first, "chart.", "d");
}

}  // namespace

int main(int argc, char** argv) {
    if (argc == 4) {
        const std::string destination = std::string{"127.0.0.1:"} + argv[2];
        const backends::unix_seconds first = std::atoll(argv[3]);
        if (std::string_view{argv[1]} == "opentsdb_http") {
            return send<backends::opentsdb_http>(destination, first);
        }
        if (std::string_view{argv[1]} == "remote_write") {
            return send<backends::prometheus_remote_write>(destination, first);
        }
        if (std::string_view{argv[1]} == "otlp") {
            return send<backends::otlp_http>(destination, first);
        }
    }
    std::fprintf(stderr, "send_bodies opentsdb_http|remote_write|otlp PORT FIRST_SECOND\n");
    return 2;
}
