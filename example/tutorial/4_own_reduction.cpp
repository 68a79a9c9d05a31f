// SPDX-License-Identifier: BSL-1.0
//
// A reduction of your own: how far apart the smallest and the largest sample of a window are. It
// can stand wherever average can, also in a fused pack.
#include "loopback.hpp"

#include <backends/exporter/exporter.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/storage/host.hpp>
#include <backends/transport/tcp.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <string_view>

//! [range]
struct range {
    static constexpr std::string_view name = "range";
    struct state {
        double lowest = std::numeric_limits<double>::infinity();
        double highest = -std::numeric_limits<double>::infinity();
    };
    static void add(state& seen, double sample) noexcept {
        seen.lowest = std::min(seen.lowest, sample);
        seen.highest = std::max(seen.highest, sample);
    }
    static double result(const state& seen, std::uint64_t /*samples*/) noexcept {
        return seen.highest - seen.lowest;
    }
};
//! [range]
static_assert(backends::reduction<range>);

int main() {
    loopback<backends::graphite_plaintext> receiver;

    backends::host host{"web-1"};
    auto& room = host.add("room.climate", {"celsius", "humidity"});
    bool taken = room.record(1'700'000'000, {19.5, 40.0});
    taken &= room.record(1'700'000'001, {22.0, 40.0});
    taken &= room.record(1'700'000'002, {21.25, 41.5});

    backends::exporter<range, backends::graphite_plaintext, backends::tcp> exporter{
        host, {.destination = receiver.destination(), .prefix = "home"}};
    exporter.start();
    exporter.stop(std::chrono::seconds{1});

    const bool right = taken && receiver.got("home.web-1.room.climate.celsius", "2.5000000") &&
                       receiver.got("home.web-1.room.climate.humidity", "1.5000000");
    return right ? 0 : 1;
}
