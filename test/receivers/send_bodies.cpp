// SPDX-License-Identifier: BSL-1.0
//
// Sends a hundred charts of ten dimensions over HTTP, as collected: the next second of all of them
// for each line on standard input, and an answer on standard output when it is confirmed.
//
//     send_bodies FORMAT PORT FIRST_SECOND
#include <backends/core/counters.hpp>
#include <backends/core/export_names.hpp>
#include <backends/delivery/options.hpp>
#include <backends/driver/observer.hpp>
#include <backends/driver/policies.hpp>
#include <backends/driver/shipping.hpp>
#include <backends/exporter/cycle.hpp>
#include <backends/format/opentsdb_http.hpp>
#include <backends/format/otlp_http.hpp>
#include <backends/format/prometheus_remote_write.hpp>
#include <backends/source/as_collected.hpp>
#include <backends/storage/host.hpp>
#include <backends/transport/destination.hpp>
#include <backends/transport/http_post.hpp>
#include <backends/transport/tcp.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr int charts = 100;
constexpr int width = 10;

struct policies : backends::default_policies {
    using observer = backends::no_observer;
};

backends::instant now() { return policies::clock::steady_now(); }

/// Until everything is confirmed.
template <class Shipping>
void deliver(Shipping& all) {
    const auto& lines = all.lines();
    while (lines.counters().confirmed != lines.counters().accepted) {
        const backends::instant until = all.step(now());
        all.transport().arm(lines.wants_readable(), lines.wants_writable(),
                            std::min(until, now() + backends::milliseconds(10)));
        all.transport().run_one();
    }
}

template <class Format>
int send(const std::string& destination, backends::unix_seconds first) {
    using shipping_type =
        backends::shipping<backends::http_post_for<Format, backends::tcp>, policies>;
    backends::host host{"h1"};
    for (int c = 0; c < charts; ++c) {
        std::vector<backends::new_dimension> dimensions;
        for (int d = 0; d < width; ++d) {
            dimensions.emplace_back(std::string{"d"}.append(std::to_string(d)));
        }
        host.add(std::string{"chart."}.append(std::to_string(c)), dimensions,
                 {.labels = {{"of", std::to_string(c % 7)}}});
    }
    const backends::identity names{"p", "h1", {{"dc", "fra"}}};
    backends::cycle<backends::as_collected, Format, backends::host> cycle{names};
    shipping_type shipping{{},
                           backends::parse_destinations(destination, Format::default_port),
                           {.queue_bytes = 1U << 20U},
                           {},
                           {}};
    if constexpr (backends::detail::has_resource<Format>) {
        shipping.transport().resource(
            backends::detail::resource_text<Format, backends::replace>::of(names));
    }
    shipping.transport().on_event({});
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
        cycle.run(first + tick, shipping.lines(), count);
        shipping.lines().end_batch(now());
        deliver(shipping);
        std::printf("confirmed %llu records\n",
                    static_cast<unsigned long long>(shipping.lines().counters().confirmed.lines));
        std::fflush(stdout);
    }
    return 0;
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
