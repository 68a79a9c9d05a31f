// SPDX-License-Identifier: BSL-1.0
//
// A file of a program, compiled for several instruction sets, once with main and else with PART,
// the name of what it defines: it records, reduces, formats and delivers to a peer in memory; see
// apart.py.
#include <backends/cell/packed_cell.hpp>
#include <backends/exporter/exporter.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/format/json_plaintext.hpp>
#include <backends/source/average.hpp>
#include <backends/source/fused.hpp>
#include <backends/source/maximum.hpp>
#include <backends/source/minimum.hpp>
#include <backends/storage/host.hpp>
#include <backends/transport/memory.hpp>

#include <cstddef>
#include <memory>

namespace {

template <class Cell, class Source, class Format>
std::size_t exported() {
    using host_type = backends::basic_host<Cell, 60>;
    host_type host{"web-1"};
    auto& chart = host.template add<double>("app.queue", {"depth", "wait", "rest"});
    const auto peer = std::make_shared<backends::memory_peer>();
    backends::exporter<Source, Format, backends::memory, host_type> exporter{
        host, {.prefix = "shop"}, backends::memory{peer}};
    for (int second = 0; second < 20; ++second) {
        (void)chart.record(1'700'000'000 + second, {1.0, 2.5, second / 3.0});
    }
    exporter.stop(backends::seconds{0});
    return host.size();
}

std::size_t exported_in_two_ways() {
    using namespace backends;
    return exported<double_cell, average, graphite_plaintext>() +
           exported<packed_cell, fused<minimum, maximum>, json_plaintext>();
}

}  // namespace

#if defined(PART)
std::size_t PART() { return exported_in_two_ways(); }
#else
int main() { return exported_in_two_ways() == 2 ? 0 : 1; }
#endif
