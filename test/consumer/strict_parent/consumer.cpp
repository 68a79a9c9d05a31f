// SPDX-License-Identifier: BSL-1.0
//
// A program of a user who warns about everything: each cell, reduction, format and transport is
// used, since much of a template is only warned about where it is used.
//
// Declarations come first: what they name is shadowed by none of the headers.
#include <backends/fwd.hpp>
//
#include <backends/backends.hpp>
#include <backends/select/select.hpp>
#include <backends/transport/gzip.hpp>
#include <backends/transport/http_post.hpp>
#include <backends/transport/tls.hpp>

#include <boost/hana/adapt_struct.hpp>

#include <string>

struct queue_stats {
    long depth;
    double wait_ms;
    float load;
    unsigned waiting;
};
BOOST_HANA_ADAPT_STRUCT(queue_stats, depth, wait_ms, load, waiting);

namespace {

using namespace backends;

struct spooled : default_policies {
    using spool = file_spool;
    using confirmation = confirm::epoch<>;
};
struct told : default_policies {
    using observer = event_log<>;
    using confirmation = confirm::acked_replay<>;
};

template <class Cell>
void export_all() {
    using host_type = basic_host<Cell, 60>;
    host_type all{"web-1"};
    auto& stats = all.template add<queue_stats>("app.queue");
    static_cast<void>(stats.record({.depth = 1, .wait_ms = 2, .load = 3, .waiting = 4}));
    auto& sizes = all.template add<long>("app.sizes", {"size"});
    sizes.set(0, 3L);
    static_cast<void>(sizes.commit(100));
    exporter<average, graphite_plaintext, memory, host_type> first{all};
    exporter<fused<minimum, maximum, last, count, sum>, json_plaintext, memory, host_type> second{
        all};
    exporter<as_collected, opentsdb_telnet, memory, host_type> third{all};
    first.stop(seconds{0});
    second.stop(seconds{0});
    third.stop(seconds{0});
}

template <class Policies>
void start_over_tcp() {
    host all{"web-1"};
    exporter<average, graphite_plaintext, tcp, host, Policies> one{all};
    one.start();
    one.stop(seconds{0});
}

}  // namespace

int main(int argc, char** argv) {
    export_all<double_cell>();
    export_all<float_cell>();
    export_all<packed_cell>();
    if (argc > 1 && std::string{argv[1]} == "tcp") {  // compiled, and not run
        start_over_tcp<spooled>();
        start_over_tcp<told>();
    }
}
