// SPDX-License-Identifier: BSL-1.0
#include <backends/storage/host.hpp>

#include <backends/core/errors.hpp>
#include <backends/storage/locked.hpp>
#include <backends/storage/packed_cell.hpp>

#include <boost/hana/adapt_struct.hpp>

#include "catch.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

//! [struct]
struct load {
    double one, five, fifteen;
};
BOOST_HANA_ADAPT_STRUCT(load, one, five, fifteen);
//! [struct]

using namespace backends;
using namespace std::chrono_literals;

TEST_CASE("a host has the name it is given, or the machine's") {
    REQUIRE(host{"web-1"}.hostname() == "web-1");
    REQUIRE(host{}.hostname() == machine_name());
    REQUIRE_FALSE(machine_name().empty());
}

TEST_CASE("charts of names, of structs and of dimensions found at run time share a host") {
    host h{"web-1"};
    auto& cpu =
        h.add("system.cpu", {"user", "system"}, {.update_every = 5s, .algorithm = incremental});
    auto& queue = h.add<load>("system.load");
    std::vector<new_dimension> disks{"sda"};
    disks.emplace_back("sdb", dimension_options{.divisor = 1024});
    auto& io = h.add<std::uint64_t>("disk.io", disks);

    REQUIRE(h.size() == 3);
    REQUIRE(&h.chart_at(0) == &cpu);
    REQUIRE(&h.chart_at(1) == &queue);
    REQUIRE(&h.chart_at(2) == &io);
    REQUIRE(cpu.update_every() == seconds{5});
    REQUIRE(cpu.dimension(1).algorithm == incremental);
    REQUIRE(io.dimension(0).kind == value_kind::unsigned_integer);
    REQUIRE(io.dimension(1).divisor == 1024);
    REQUIRE(queue.record(1, {.one = 0.5, .five = 1, .fifteen = 2}));
    REQUIRE(h.chart_at(1).collected(2).as_double() == 2);
}

TEST_CASE("charts as the pages show them") {
    //! [charts]
    backends::host host{"web-1"};

    // Dimensions with names; a counter becomes a rate. One value per dimension, in order.
    auto& net = host.add<std::uint64_t>(
        "net.eth0", {"received", {"sent", {.multiplier = -1}}},
        {.update_every = 1s, .algorithm = backends::incremental, .multiplier = 8, .divisor = 1024});
    net.record(1'700'000'000, {1'000'000U, 5'000U});
    net.record(1'700'000'001, {1'128'000U, 5'512U});

    // Values that arrive one by one: what was not set is a gap.
    auto& room = host.add("room", {"celsius", "humidity"});
    room.set(0, 21.5);
    room.commit(1'700'000'000);

    // A struct: its members are the dimensions, one store of a row.
    auto& average_load = host.add<load>("system.load");
    average_load.record(1'700'000'000, {.one = 0.5, .five = 0.25, .fifteen = 0.25});
    //! [charts]

    double rate = 0;
    net.visit<1>(net.window(1'700'000'000, 1'700'000'001), 0,
                 [&](const auto& row) { rate = row[0]; });
    REQUIRE(rate == 1000);
    REQUIRE(room.recorded().samples == 1);
    REQUIRE(average_load.recorded().samples == 3);
}

TEST_CASE("an id that is taken is refused, and a refused chart takes none") {
    host h{"web-1"};
    h.add("a", {"d"});
    REQUIRE_THROWS_WITH(h.add("a", {"d"}), ContainsSubstring("chart = a"));
    REQUIRE_THROWS_AS(h.add("b", {"d", "d"}), config_error);
    REQUIRE(h.size() == 1);
    h.add("b", {"d"});
    REQUIRE(h.size() == 2);
}

TEST_CASE("a chart of very many dimensions, and very many charts, are registered in linear time") {
    // Comparing each id with all others would take minutes.
    std::vector<new_dimension> dimensions;
    for (int i = 0; i < 200'000; ++i) {
        dimensions.emplace_back("dimension" + std::to_string(i));
    }
    basic_host<packed_cell, 1> h{"web-1"};
    REQUIRE(h.add("wide", dimensions).width() == dimensions.size());
    dimensions.back().id = dimensions[100'000].id;
    REQUIRE_THROWS_WITH(h.add("twice", dimensions), ContainsSubstring("dimension100000"));
    for (int i = 0; i < 100'000; ++i) {
        h.add("chart" + std::to_string(i), {"d"});
    }
    REQUIRE(h.size() == 100'001);
}

TEST_CASE("charts never move, however many are added") {
    basic_host<packed_cell, 2, locked> h{"web-1"};
    std::vector<const basic_host<packed_cell, 2, locked>::chart_type*> charts;
    for (int n = 0; n < 1000; ++n) {
        charts.push_back(&h.add("chart" + std::to_string(n), {"d"}));
    }
    REQUIRE(h.size() == 1000);
    for (std::size_t n = 0; n < charts.size(); ++n) {
        REQUIRE(&h.chart_at(n) == charts[n]);
        REQUIRE(h.chart_at(n).id() == "chart" + std::to_string(n));
    }
}
