// SPDX-License-Identifier: BSL-1.0
//
// Sends a hundred charts of ten dimensions as Influx lines, as collected: the next second of all of
// them for each line on standard input, and an answer on standard output when it is confirmed.
//
//     send_charts DESTINATION FIRST_SECOND [CA_FILE]
//
// DESTINATION is HOST:PORT, http://HOST:PORT/PATH, or https://HOST:PORT/PATH with the certificates
// of CA_FILE.
#include <backends/delivery/options.hpp>
#include <backends/driver/shipping.hpp>
#include <backends/format/influx_lines.hpp>
#include <backends/transport/destination.hpp>
#include <backends/transport/http_post.hpp>
#include <backends/transport/scheme.hpp>
#include <backends/transport/tcp.hpp>
#include <backends/transport/tls.hpp>

#include "thousand_series.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

namespace {

template <class Transport>
int send(Transport transport, const std::string& destination, backends::unix_seconds first) {
    using backends::influx_lines;
    backends::shipping<Transport, thousand_series::policies, backends::reply_lines<influx_lines>>
        to{std::move(transport),
           backends::parse_destinations(destination, influx_lines::default_port,
                                        backends::detail::schemes_of<Transport>()),
           {.queue_bytes = 1U << 20U}};
    return thousand_series::send<influx_lines>(to, first, "chart,", "d ");
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3 && argc != 4) {
        std::fprintf(stderr, "send_charts DESTINATION FIRST_SECOND [CA_FILE]\n");
        return 2;
    }
    using backends::http_post_for;
    using backends::influx_lines;
    using backends::tcp;
    using backends::tls;
    const std::string to = argv[1];
    const backends::unix_seconds first = std::atoll(argv[2]);
    if (argc == 4) {
        return send(http_post_for<influx_lines, tls<tcp>>{{}, tls<tcp>{{.ca_file = argv[3]}}}, to,
                    first);
    }
    return to.starts_with("http:") ? send(http_post_for<influx_lines, tcp>{}, to, first)
                                   : send(tcp{}, to, first);
}
