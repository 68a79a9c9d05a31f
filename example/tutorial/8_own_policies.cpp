// SPDX-License-Identifier: BSL-1.0
//
// Policies of one's own: a line counts as delivered only when the receiver has read everything and
// closed, the newest lines go when the queue is full, and an observer is told what goes wrong.
#include "loopback.hpp"

#include <backends/exporter/exporter.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/instrument/gauge.hpp>
#include <backends/source/last.hpp>
#include <backends/transport/tcp.hpp>

#include <cstdio>

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
    using confirmation = backends::confirm::epoch<>;  // the peer's end of stream
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
    host.instrument<backends::gauge<double>>("room").set(21.5);
    careful_exporter<backends::last> exporter{host, {.destination = receiver.destination()}};
    exporter.start();
    const bool sent = exporter.stop(backends::seconds{5}).complete();
    return sent && receiver.got("netdata.web-1.room.value", "21.5000000") ? 0 : 1;
}
