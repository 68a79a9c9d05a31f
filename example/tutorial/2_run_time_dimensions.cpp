// SPDX-License-Identifier: BSL-1.0
//
// A chart whose dimensions are known at run time. Its values are counters of the operating system;
// the chart keeps their rates. The averages go out as JSON lines, with two tags.
#include "loopback.hpp"

#include <backends/exporter/exporter.hpp>
#include <backends/format/json_plaintext.hpp>
#include <backends/source/average.hpp>
#include <backends/storage/host.hpp>
#include <backends/transport/tcp.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <string>

using namespace std::chrono_literals;

int main() {
    loopback<backends::json_plaintext> receiver;

    //! [chart]
    backends::host host{"web-1"};
    auto& disk = host.add<std::uint64_t>("disk.sda", {"read", "written"},
                                         {.update_every = 5s, .algorithm = backends::incremental});

    using row = std::array<std::uint64_t, 2>;
    const backends::unix_seconds start = 1'700'000'000;
    bool taken = disk.record(start, row{1'000, 0});     // a counter's first value gives no rate
    taken &= disk.record(start + 5, row{1'050, 400});   // 10 and 80 a second
    taken &= disk.record(start + 10, row{1'200, 400});  // 30 and 0 a second
    //! [chart]

    //! [tags]
    backends::exporter<backends::average, backends::json_plaintext, backends::tcp> exporter{
        host,
        {.destination = receiver.destination(),
         .prefix = "shop",
         .tags = {{"room", "12"}, {"rack", "b"}}}};
    //! [tags]
    exporter.start();
    const backends::stop_result end = exporter.stop(1s);

    const std::string tags = R"(,"labels":{"room":"12","rack":"b"})";
    const bool right = taken && end.complete() &&
                       receiver.got("shop.web-1.disk.sda.read" + tags, "20.0000000") &&
                       receiver.got("shop.web-1.disk.sda.written" + tags, "40.0000000");
    return right ? 0 : 1;
}
