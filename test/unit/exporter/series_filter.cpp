// SPDX-License-Identifier: BSL-1.0
#include <backends/exporter/series_filter.hpp>

#include <backends/exporter/cycle.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/source/sum.hpp>
#include <backends/storage/host.hpp>

#include "catch.hpp"

#include <cstddef>
#include <string>
#include <vector>

using namespace backends;

namespace {

struct text_queue {
    std::string text;
    std::size_t used = 0;

    [[nodiscard]] static bool fits(std::size_t) noexcept { return true; }
    char* reserve(std::size_t n) {
        text.resize(used + n);
        return text.data() + used;
    }
    void commit(std::size_t bytes, std::size_t) { used += bytes; }
    static void refuse(std::size_t, std::size_t) { FAIL("there is room for every line"); }
};

struct filtered {
    host charts{"h"};
    cycle<sum, graphite_plaintext, host> lines;
    no_observer nobody;
    cycle_counters count;

    explicit filtered(const options& o) : lines{{"p", "h", {}}, series_filter{o}} {
        for (const char* const id : {"disk.sda", "disk.sdb", "net.lo"}) {
            charts.add(id, {"in", "out", "idle"});
        }
    }
    std::string at(unix_seconds now) {
        for (std::size_t c = 0; c < charts.size(); ++c) {
            REQUIRE(charts.chart_at(c).record(now, {1.0, 2.0, 3.0}));
        }
        lines.follow(charts, nobody, count);
        text_queue queue;
        lines.run(now, queue, count, nobody);
        return queue.text.substr(0, queue.used);
    }
};

}  // namespace

TEST_CASE("charts and dimensions that a pattern leaves out have no lines, and are no errors") {
    filtered some{{.charts_matching = "!disk.sdb disk.*", .dimensions_matching = "!idle *"}};
    CHECK(some.at(9) == "p.h.disk.sda.in 1.0000000 9\np.h.disk.sda.out 2.0000000 9\n");
    CHECK(some.at(10) == "p.h.disk.sda.in 1.0000000 10\np.h.disk.sda.out 2.0000000 10\n");
    CHECK(some.count.refused_series == 0);
}

TEST_CASE("a chart that is left out is not read, one that is added later is asked too") {
    filtered some{{.charts_matching = "net.*"}};
    some.at(9);
    CHECK(some.count.samples == 3);
    some.charts.add("net.eth", {"in", "out", "idle"});
    CHECK(some.at(10) ==
          "p.h.net.lo.in 1.0000000 10\np.h.net.lo.out 2.0000000 10\np.h.net.lo.idle 3.0000000 10\n"
          "p.h.net.eth.in 1.0000000 10\np.h.net.eth.out 2.0000000 10\n"
          "p.h.net.eth.idle 3.0000000 10\n");
}

TEST_CASE("a chart that is left out goes with its removal") {
    filtered some{{.charts_matching = "net.*"}};
    some.at(9);
    auto& disk = some.charts.chart_at(0);
    auto& net = some.charts.chart_at(2);
    some.charts.remove(disk);
    some.charts.remove(net);
    some.at(10);
    some.at(11);
    CHECK(some.charts.size() == 1);
    CHECK(some.at(12).empty());
    some.charts.add("disk.sda", {"in", "out", "idle"});
    CHECK(some.at(13).empty());
}
