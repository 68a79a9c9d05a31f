// SPDX-License-Identifier: BSL-1.0
//
// Metrics for statsd, over UDP. A socket of this program's own stands for the receiver.
#include <backends/exporter/exporter.hpp>
#include <backends/format/dogstatsd.hpp>
#include <backends/format/statsd.hpp>
#include <backends/select/datagrams.hpp>
#include <backends/select/select.hpp>
#include <backends/select/settings.hpp>
#include <backends/source/average.hpp>
#include <backends/source/fused.hpp>
#include <backends/source/maximum.hpp>
#include <backends/source/sum.hpp>
#include <backends/storage/host.hpp>
#include <backends/transport/udp.hpp>
#include <backends/transport/unix_datagram.hpp>

#include <array>
#include <chrono>
#include <cstdio>
#include <string>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace std::chrono_literals;

namespace {

//! [exporter]
struct unproved : backends::default_policies {
    using confirmation = backends::confirm::written;  // nobody acknowledges a datagram
};

template <class Source>
using to_statsd =
    backends::exporter<Source, backends::statsd, backends::udp, backends::host, unproved>;

const backends::options statsd_1{
    .destination = "statsd-1",  // port 8125
    .prefix = "shop",
    .update_every = 10s,  // the receiver's own interval, or a multiple of it
    .max_age = 20s,       // a late line would have the time of its arrival
};
//! [exporter]

//! [agent]
using to_agent =
    backends::exporter<backends::fused<backends::sum, backends::maximum>, backends::dogstatsd,
                       backends::unix_datagram, backends::host, unproved>;

const backends::options agent{
    .destination = "unix:///var/run/datadog/dsd.socket",
    .prefix = "shop",
    .tags = {{"env", "prod"}},
};
//! [agent]

//! [settings]
auto exporter_from(const backends::select::settings& chosen, backends::host& host) {
    return backends::select::exporter_from<backends::select::datagrams, unproved>(chosen, host);
}
//! [settings]

/// What one datagram at a free port of this machine says, while `send(destination)` runs.
template <class Send>
std::string heard(Send send) {
    const int receiver = ::socket(AF_INET, SOCK_DGRAM, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    auto* const any = reinterpret_cast<sockaddr*>(&at);
    std::string text;
    if (::bind(receiver, any, size) == 0 && ::getsockname(receiver, any, &size) == 0) {
        send("udp://127.0.0.1:" + std::to_string(ntohs(at.sin_port)));
        std::array<char, 1'500> room{};
        const auto n = ::recv(receiver, room.data(), room.size(), MSG_DONTWAIT);
        text.assign(room.data(), n > 0 ? static_cast<std::size_t>(n) : 0);
    }
    ::close(receiver);
    return text;
}

template <class Exporter>
std::string sent(backends::host& host, backends::options settings) {
    return heard([&](const std::string& destination) {
        settings.destination = destination;
        settings.begin = backends::begin_at::oldest;
        settings.self_monitoring = false;
        Exporter exporter{host, settings};
        exporter.start();
        exporter.stop(5s);
    });
}

std::string sent_by_settings(backends::host& host) {
    return heard([&](const std::string& destination) {
        backends::select::settings chosen;
        chosen.set("enabled", "yes").set("type", "dogstatsd").set("destination", destination);
        chosen.set("prefix", "shop").set("begin", "oldest").set("self monitoring", "no");
        auto exporter = exporter_from(chosen, host);
        exporter.start();
        exporter.stop(5s);
    });
}

}  // namespace

int main() {
    backends::host host{"web-1"};
    if (!host.add("room", {"celsius", "visitors"}).record(1'700'000'000, {-2.5, 3})) {
        return 1;
    }
    const to_agent to_path{host, agent};
    const bool good = sent<to_statsd<backends::average>>(host, statsd_1) ==
                          "shop.web-1.room.celsius:0|g\n"
                          "shop.web-1.room.celsius:-2.5000000|g\n"
                          "shop.web-1.room.visitors:3.0000000|g\n" &&
                      sent<to_statsd<backends::sum>>(host, statsd_1) ==
                          "shop.web-1.room.celsius:-2.5000000|c\n"
                          "shop.web-1.room.visitors:3.0000000|c\n" &&
                      sent_by_settings(host).starts_with("shop.room.celsius:-2.5000000|g|#host:") &&
                      !to_path.finished();
    std::puts(good ? "sent" : "something else was sent");
    return good ? 0 : 1;
}
