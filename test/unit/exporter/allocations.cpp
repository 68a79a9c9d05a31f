// SPDX-License-Identifier: BSL-1.0
//
// After the first cycle nothing is allocated, on the whole way from record() to the socket.
#include <backends/exporter/exporter.hpp>

#include <backends/cell/packed_cell.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/format/json_plaintext.hpp>
#include <backends/format/opentsdb_telnet.hpp>
#include <backends/format/otlp_http.hpp>
#include <backends/instrument/histogram.hpp>
#include <backends/source/as_collected.hpp>
#include <backends/source/average.hpp>
#include <backends/storage/locked.hpp>
#include <backends/transport/tcp.hpp>

#include "catch.hpp"
#include "support/allocation_count.hpp"
#include "support/loopback_peer.hpp"
#include "support/stepped_clock.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace {

using test::stepped_clock;

struct stepped : backends::default_policies {
    using clock = stepped_clock;
    using observer = backends::no_observer;
};

using packed_host = backends::basic_host<backends::packed_cell>;
using locked_host = backends::basic_host<backends::double_cell, 60, backends::locked>;

}  // namespace

TEMPLATE_TEST_CASE("recording, reducing, formatting and sending allocate nothing", "",
                   (backends::exporter<backends::average, backends::graphite_plaintext,
                                       backends::tcp, backends::host, stepped>),
                   (backends::exporter<backends::average, backends::json_plaintext, backends::tcp,
                                       packed_host, stepped>),
                   (backends::exporter<backends::as_collected, backends::opentsdb_telnet,
                                       backends::tcp, locked_host, stepped>)) {
    test::loopback_peer peer;
    typename TestType::host_type host{"h"};
    auto& chart = host.add("c", {"a", "b", "c", "d"});
    std::vector<backends::new_dimension> names;
    for (int i = 0; i < 1000; ++i) {
        names.emplace_back("dimension_" + std::to_string(i));
    }
    auto& wide = host.add("wide", names);
    const std::vector<double> row(1000, 1.5);
    auto& sizes = host.template instrument<backends::histogram<int>>("sizes");
    TestType e{host, {.destination = peer.address(), .update_every = backends::seconds{1}}};
    e.poll(stepped_clock::steady);

    const auto second = [&] {
        ++stepped_clock::wall;
        REQUIRE(chart.record(stepped_clock::wall, std::array{1.0, 2.0, 3.0, 4.0}));
        REQUIRE(wide.record(stepped_clock::wall, row));
        sizes.record(7);
        stepped_clock::steady = stepped_clock::steady + backends::seconds{1};
        const auto due = e.counters().ticks + 1;
        while (e.counters().ticks < due || e.counters().confirmed != e.counters().accepted) {
            e.poll(stepped_clock::steady);
            stepped_clock::steady = stepped_clock::steady + backends::milliseconds(1);
            peer.skip();
        }
    };
    second();
    second();

    const std::uint64_t before = test::allocation_count();
    for (int i = 0; i < 20; ++i) {
        second();
    }
    CHECK(test::allocation_count() - before == 0);
    CHECK(e.counters().confirmed.lines > 20'000);
    e.request_stop(backends::seconds{0});
    e.poll(stepped_clock::steady);
}

TEST_CASE("the records of histograms allocate nothing") {
    class one_place {
    public:
        [[nodiscard]] bool fits(std::size_t) const noexcept { return false; }
        char* reserve(std::size_t n) noexcept { return n <= room_.size() ? room_.data() : nullptr; }
        void commit(std::size_t, std::size_t n) noexcept { lines += n; }
        void refuse(std::size_t, std::size_t) noexcept { FAIL("a record is too long"); }

        std::size_t lines = 0;

    private:
        std::array<char, 4'096> room_;
    };
    backends::host host{"h"};
    auto& latency = host.instrument<backends::histogram<>>("latency");
    auto& fine = host.instrument<backends::histogram<double, 6, 1'200>>("fine");
    backends::cycle<backends::average, backends::otlp_http, backends::host> lines{{"p", "h", {}}};
    backends::no_observer nobody;
    backends::cycle_counters count{};
    lines.follow(host, nobody, count);
    latency.record(1);
    fine.record(1);
    const std::uint64_t before = test::allocation_count();
    one_place queue;
    for (int i = 0; i < 20; ++i) {
        for (double v = 0.5; v < 5e6; v *= 1.01) {
            latency.record(v);
            fine.record(v);
        }
        lines.run(1'700'000'000 + i, queue, count);
    }
    CHECK(test::allocation_count() - before == 0);
    CHECK(queue.lines == 40);
}
