// SPDX-License-Identifier: BSL-1.0
//
// What a program has that is compiled with -fno-exceptions: recording, every reduction and format,
// and a cycle of its own around them. What would be thrown goes to the program's
// boost::throw_exception.
//
//   no_exceptions lines      prints the lines of two samples
//   no_exceptions refusal    registers a chart twice
#include <backends/cell/float_cell.hpp>
#include <backends/cell/packed_cell.hpp>
#include <backends/core/counters.hpp>
#include <backends/driver/observer.hpp>
#include <backends/exporter/cycle.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/format/json_plaintext.hpp>
#include <backends/format/opentsdb_telnet.hpp>
#include <backends/source/as_collected.hpp>
#include <backends/source/average.hpp>
#include <backends/source/count.hpp>
#include <backends/source/fused.hpp>
#include <backends/source/last.hpp>
#include <backends/source/maximum.hpp>
#include <backends/source/minimum.hpp>
#include <backends/source/sum.hpp>
#include <backends/storage/host.hpp>
#include <backends/storage/locked.hpp>
#include <backends/storage/unsynchronized.hpp>

#include <boost/assert/source_location.hpp>
#include <boost/hana/adapt_struct.hpp>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <string>

#if defined(__cpp_exceptions)
#error "this test is of a program without exceptions"
#endif

namespace boost {
[[noreturn]] void throw_exception(const std::exception& e) {
    std::printf("refused: %s\n", e.what());
    std::exit(0);
}
[[noreturn]] void throw_exception(const std::exception& e, const source_location& /*where*/) {
    throw_exception(e);
}
}  // namespace boost

struct queue_stats {
    long depth;
    double wait_ms;
};
BOOST_HANA_ADAPT_STRUCT(queue_stats, depth, wait_ms);

namespace {

/// What a cycle writes into.
struct text {
    std::string bytes;
    std::size_t used = 0;

    static bool fits(std::size_t) noexcept { return true; }
    char* reserve(std::size_t n) {
        bytes.resize(used + n);
        return bytes.data() + used;
    }
    void commit(std::size_t n, std::size_t) noexcept { used += n; }
    static void refuse(std::size_t, std::size_t) noexcept {}
};

template <class Host, class Source, class Format>
std::string lines_of(const Host& host) {
    backends::cycle<Source, Format, Host> cycle{backends::identity{"shop", "web-1", {}}};
    backends::no_observer nobody;
    backends::cycle_counters count;
    text out;
    cycle.follow(host, nobody, count);
    cycle.run(1'700'000'010, out, count);
    return out.bytes.substr(0, out.used);
}

template <class Host>
std::string lines_of_two_samples() {
    Host host{"web-1"};
    auto& queue = host.template add<queue_stats>("app.queue");
    static_cast<void>(queue.record(1'700'000'000, queue_stats{.depth = 3, .wait_ms = 1.5}));
    static_cast<void>(queue.record(1'700'000'001, queue_stats{.depth = 5, .wait_ms = 1.5}));
    using namespace backends;
    lines_of<Host, fused<minimum, maximum, last, count, sum>, opentsdb_telnet>(host);
    lines_of<Host, as_collected, json_plaintext>(host);
    return lines_of<Host, average, graphite_plaintext>(host);
}

}  // namespace

int main(int argc, char** argv) {
    using namespace backends;
    if (argc == 2 && std::strcmp(argv[1], "refusal") == 0) {
        host twice{"web-1"};
        twice.add("app.queue", {"depth"});
        twice.add("app.queue", {"depth"});
        return 1;
    }
    const std::string lines = lines_of_two_samples<host>();
    if (lines_of_two_samples<basic_host<float_cell, 60, locked>>() != lines ||
        lines_of_two_samples<basic_host<packed_cell, 60, unsynchronized>>() != lines) {
        return 1;
    }
    std::fputs(lines.c_str(), stdout);
}
