// SPDX-License-Identifier: BSL-1.0
//
// A hundred charts of ten dimensions, as collected, for programs whose receiver is read by a test:
// the next second of all of them for each line on standard input, and an answer on standard output
// when it is confirmed.
#pragma once

#include <backends/core/counters.hpp>
#include <backends/core/export_names.hpp>
#include <backends/core/time.hpp>
#include <backends/driver/observer.hpp>
#include <backends/driver/policies.hpp>
#include <backends/driver/shipping.hpp>
#include <backends/exporter/cycle.hpp>
#include <backends/source/as_collected.hpp>
#include <backends/storage/host.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

namespace thousand_series {

constexpr int charts = 100;
constexpr int width = 10;

struct policies : backends::default_policies {
    using observer = backends::no_observer;
};

inline backends::identity names() {
    return {.prefix = "p", .hostname = "h1", .tags = {{"dc", "fra"}}};
}

/// Until everything is confirmed or refused.
template <class Shipping>
void deliver(Shipping& to) {
    const auto now = [] { return policies::clock::steady_now(); };
    const auto& lines = to.lines();
    while (!lines.queue().empty()) {
        const backends::instant until = to.step(now());
        // An acknowledgement makes no event: look for one.
        to.transport().arm(lines.wants_readable(), lines.wants_writable(),
                           std::min(until, now() + backends::milliseconds(10)));
        to.transport().run_one();
    }
}

/// The exit status of the program. Charts are called `chart` and their number, dimensions so too.
template <class Format, class Shipping>
int send(Shipping& to, backends::unix_seconds first, const std::string& chart,
         const std::string& dimension) {
    backends::host host{"h1"};
    for (int c = 0; c < charts; ++c) {
        std::vector<backends::new_dimension> dimensions;
        for (int d = 0; d < width; ++d) {
            dimensions.emplace_back(dimension + std::to_string(d));
        }
        host.add(chart + std::to_string(c), dimensions,
                 {.labels = {{"of", std::to_string(c % 7)}}});
    }
    backends::cycle<backends::as_collected, Format, backends::host> cycle{names()};
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
        to.lines().end_batch(policies::clock::steady_now());
        deliver(to);
        const backends::delivery_counters& all = to.lines().counters();
        std::printf("confirmed %llu lines", static_cast<unsigned long long>(all.confirmed.lines));
        if (const auto lost = all.dropped_for(backends::drop_reason::rejected).lines; lost != 0) {
            std::printf(", %llu rejected", static_cast<unsigned long long>(lost));
        }
        std::printf("\n");
        std::fflush(stdout);
    }
    return 0;
}

}  // namespace thousand_series
