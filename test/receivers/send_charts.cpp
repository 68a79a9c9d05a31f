// SPDX-License-Identifier: BSL-1.0
//
// Sends a hundred charts of ten dimensions as Influx lines, as collected: the next second of all of
// them for each line on standard input, and an answer on standard output when it is confirmed.
//
//     send_charts DESTINATION FIRST_SECOND [CA_FILE]
//
// DESTINATION is HOST:PORT, http://HOST:PORT/PATH, or https://HOST:PORT/PATH with the certificates
// of CA_FILE.
#include <backends/core/counters.hpp>
#include <backends/delivery/options.hpp>
#include <backends/driver/observer.hpp>
#include <backends/driver/policies.hpp>
#include <backends/driver/shipping.hpp>
#include <backends/exporter/cycle.hpp>
#include <backends/format/influx_lines.hpp>
#include <backends/source/as_collected.hpp>
#include <backends/storage/host.hpp>
#include <backends/transport/destination.hpp>
#include <backends/transport/http_post.hpp>
#include <backends/transport/scheme.hpp>
#include <backends/transport/tcp.hpp>
#include <backends/transport/tls.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

namespace {

constexpr int charts = 100;
constexpr int width = 10;

struct policies : backends::default_policies {
    using observer = backends::no_observer;
};
template <class Transport>
using shipping =
    backends::shipping<Transport, policies, backends::reply_lines<backends::influx_lines>>;

backends::instant now() { return policies::clock::steady_now(); }

/// Until everything is confirmed.
template <class Shipping>
void deliver(Shipping& all) {
    const auto& lines = all.lines();
    while (lines.counters().confirmed != lines.counters().accepted) {
        const backends::instant until = all.step(now());
        // An acknowledgement makes no event: look for one.
        all.transport().arm(lines.wants_readable(), lines.wants_writable(),
                            std::min(until, now() + backends::milliseconds(10)));
        all.transport().run_one();
    }
}

template <class Transport>
int send(Transport transport, const std::string& destination, backends::unix_seconds first) {
    backends::host host{"h1"};
    for (int c = 0; c < charts; ++c) {
        std::vector<backends::new_dimension> dimensions;
        for (int d = 0; d < width; ++d) {
            dimensions.emplace_back("d " + std::to_string(d));
        }
        host.add("chart," + std::to_string(c), dimensions,
                 {.labels = {{"of", std::to_string(c % 7)}}});
    }
    backends::cycle<backends::as_collected, backends::influx_lines, backends::host> cycle{
        {.prefix = "p", .hostname = "h1", .tags = {{"dc", "fra"}}}};
    shipping<Transport> to{
        std::move(transport),
        backends::parse_destinations(destination, 8189, backends::detail::schemes_of<Transport>()),
        {.queue_bytes = 1U << 20U},
        {},
        {}};
    to.transport().on_event({});
    backends::no_observer nobody;
    backends::cycle_counters count;
    cycle.follow(host, nobody, count);
    std::string asked;
    for (int tick = 0; std::getline(std::cin, asked); ++tick) {
        for (int c = 0; c < charts; ++c) {
            std::array<double, width> row;
            for (int d = 0; d < width; ++d) {
                row[static_cast<std::size_t>(d)] = 100.0 * c + d + tick / 64.0;
            }
            if (!host.chart_at(static_cast<std::size_t>(c)).record(first + tick, row)) {
                return 1;
            }
        }
        cycle.run(first + tick, to.lines(), count);
        to.lines().end_batch(now());
        deliver(to);
        std::printf("confirmed %llu lines\n",
                    static_cast<unsigned long long>(to.lines().counters().confirmed.lines));
        std::fflush(stdout);
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3 && argc != 4) {
        std::fprintf(stderr, "send_charts DESTINATION FIRST_SECOND [CA_FILE]\n");
        return 2;
    }
    using backends::http_post;
    using backends::tcp;
    using backends::tls;
    const std::string to = argv[1];
    const backends::unix_seconds first = std::atoll(argv[2]);
    if (argc == 4) {
        return send(http_post<tls<tcp>>{{}, tls<tcp>{{.ca_file = argv[3]}}}, to, first);
    }
    return to.starts_with("http:") ? send(http_post<tcp>{}, to, first) : send(tcp{}, to, first);
}
