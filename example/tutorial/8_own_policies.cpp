// SPDX-License-Identifier: BSL-1.0
//
// Other guarantees: a line counts as delivered only when the receiver has read everything and
// closed, the newest lines go when the queue is full, and what goes wrong is told to an observer.
#include "loopback.hpp"

#include <backends/exporter/exporter.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/source/average.hpp>
#include <backends/storage/host.hpp>
#include <backends/transport/tcp.hpp>

#include <chrono>
#include <cstdio>
#include <string>
#include <system_error>

//! [observer]
struct log_to_stderr {
    void on_failure(const backends::destination& where, std::error_code why) noexcept {
        std::fprintf(stderr, "%s: %s\n", to_string(where).c_str(), why.message().c_str());
    }
    void on_dropped(backends::drop_reason why, backends::amount what) noexcept {
        std::fprintf(stderr, "%llu lines dropped: %s\n",
                     static_cast<unsigned long long>(what.lines), to_string(why).data());
    }
};
//! [observer]

//! [policies]
struct careful : backends::default_policies {
    using confirmation =
        backends::confirm::epoch<>;  // the peer's end of stream, not only its kernel
    using overflow = backends::drop_newest;
    using observer = log_to_stderr;
};

template <class Source>
using careful_exporter = backends::exporter<Source, backends::graphite_plaintext, backends::tcp,
                                            backends::host, careful>;
//! [policies]

int main() {
    loopback<backends::graphite_plaintext> receiver;

    backends::host host{"web-1"};
    auto& room = host.add("room", {"celsius"});
    bool taken = room.record({21.5});

    careful_exporter<backends::average> exporter{
        host, {.destination = receiver.destination(), .self_monitoring = false}};
    exporter.start();
    const backends::stop_result end = exporter.stop(std::chrono::seconds{5});

    const bool right =
        taken && end.complete() && receiver.got("netdata.web-1.room.celsius", "21.5000000");
    return right ? 0 : 1;
}
