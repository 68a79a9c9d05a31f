// SPDX-License-Identifier: BSL-1.0
//
// A wire format of your own is one declaration: its line, as a grammar. The renderer, the strict
// parser, the longest line and the name rules follow from it. Here the exporter is driven by
// poll(), from the program's own loop, over the transport that needs no network.
#include <backends/exporter/exporter.hpp>
#include <backends/format/parser.hpp>
#include <backends/format/wire_format.hpp>
#include <backends/source/last.hpp>
#include <backends/storage/host.hpp>
#include <backends/transport/memory.hpp>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

//! [format]
/// Influx line protocol, times in seconds: `measurement,host=H,tag=value field=V T`.
struct influx_lines : backends::format_defaults {
    static constexpr std::string_view name = "influx";
    static constexpr std::uint16_t default_port = 8089;
    static constexpr auto line = backends::grammar(
        backends::field::optional_prefix<"", ".">, backends::field::chart, backends::lit<",host=">,
        backends::field::hostname, backends::field::tags<",", "=", ",", "">, backends::lit<" ">,
        backends::field::dimension, backends::lit<"=">, backends::field::value, backends::lit<" ">,
        backends::field::unix_time, backends::lit<"\n">);
};
//! [format]
static_assert(backends::wire_format<influx_lines>);

int main() {
    backends::host host{"web-1"};
    auto& queue = host.add("app.queue", {"depth"});
    bool taken = queue.record(1'700'000'000, {3.0});

    //! [poll]
    auto peer = std::make_shared<backends::memory_peer>();
    backends::exporter<backends::last, influx_lines, backends::memory> exporter{
        host,
        {.prefix = "shop", .tags = {{"rack", "b"}}, .self_monitoring = false},
        backends::memory{peer}};

    exporter.request_stop(std::chrono::seconds{1});  // a loop that ends at once, for once
    while (!exporter.finished()) {
        exporter.poll(backends::system_clock::steady_now());  // and returns when to call again
    }
    //! [poll]

    const std::string line = peer->received();
    std::printf("%s", line.c_str());
    const auto parsed =
        backends::parse<influx_lines>(std::string_view{line}.substr(0, line.find('\n')));
    const bool right = taken && parsed && parsed.line.path == "shop.app.queue" &&
                       parsed.line.hostname == "web-1" && parsed.line.dimension == "depth" &&
                       parsed.line.number == "3.0000000";
    return right ? 0 : 1;
}
