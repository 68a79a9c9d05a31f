// SPDX-License-Identifier: BSL-1.0
#include <backends/storage/host.hpp>

#include <backends/cell/packed_cell.hpp>
#include <backends/core/errors.hpp>
#include <backends/core/list.hpp>
#include <backends/storage/locked.hpp>

#include <boost/hana/adapt_struct.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>

#include "catch.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
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
    REQUIRE(host{""}.hostname() == machine_name());
    REQUIRE_FALSE(machine_name().empty());
    // Some systems write the name's end as a name server does.
    REQUIRE(detail::name_or_localhost("web-1.example.org.") == "web-1.example.org");
    REQUIRE(detail::name_or_localhost("web-1") == "web-1");
    REQUIRE(detail::name_or_localhost("") == "localhost");
    REQUIRE(detail::name_or_localhost(".") == "localhost");
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
    bool taken = net.record(1'700'000'000, {1'000'000U, 5'000U});  // one row a slot
    taken &= net.record(1'700'000'001, {1'128'000U, 5'512U});

    // Values that arrive one by one: what was not set is a gap.
    auto& room = host.add("room", {"celsius", "humidity"});
    room.set(0, 21.5);
    taken &= room.commit(1'700'000'000);

    // A struct: its members are the dimensions, one store of a row.
    auto& average_load = host.add<load>("system.load");
    taken &= average_load.record(1'700'000'000, {.one = 0.5, .five = 0.25, .fifteen = 0.25});
    //! [charts]

    REQUIRE(taken);

    net.samples(0, INT64_MIN, INT64_MAX, [](unix_seconds at, double rate) {
        REQUIRE(at == 1'700'000'001);
        REQUIRE(rate == 1000);
    });
    REQUIRE(net.recorded().samples == 2);
    REQUIRE(room.recorded().samples == 1);
    REQUIRE(average_load.recorded().samples == 3);
}

TEST_CASE("a host finds a chart by its id") {
    host h{"web-1"};
    REQUIRE(h.find("a") == nullptr);
    const auto& a = h.add("a", {"x"});
    const auto& b = h.add<load>("b");
    REQUIRE(h.find("a") == &a);
    REQUIRE(std::as_const(h).find("b") == &b);
    REQUIRE(h.find("") == nullptr);
    REQUIRE(h.find("A") == nullptr);
    h.remove(a);
    REQUIRE(h.find("a") == nullptr);
    REQUIRE(h.find("b") == &b);
    const auto& again = h.add("a", {"x"});
    REQUIRE(h.find("a") == &again);
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

TEST_CASE("a chart that is removed is gone at once, and its id can be used again") {
    host h{"web-1"};
    auto& a = h.add("a", {"d"});
    auto& b = h.add<load>("b");
    auto& c = h.add("c", {"d", "e"});
    h.remove(b);
    REQUIRE(h.size() == 2);
    REQUIRE(&h.chart_at(0) == &a);
    REQUIRE(&h.chart_at(1) == &c);
    auto& again = h.add("b", {"x"});
    REQUIRE(h.size() == 3);
    REQUIRE(again.record(1, {1.0}));
    REQUIRE_THROWS_WITH(h.add("b", {"x"}), ContainsSubstring("has a chart of this id"));
    h.remove(a);
    REQUIRE(&h.chart_at(0) == &again);
    h.remove(c);
    h.remove(again);
    REQUIRE(h.size() == 0);
}

TEST_CASE("only a chart of the host's can be removed from it, once") {
    host h{"web-1"};
    host other{"web-2"};
    auto& mine = h.add("a", {"d"});
    auto& others = other.add("a", {"d"});
    REQUIRE_THROWS_WITH(h.remove(others), ContainsSubstring("chart = a"));
    REQUIRE(h.size() == 1);
    const boost::intrusive_ptr<chart> held{&mine};
    h.remove(mine);
    REQUIRE_THROWS_AS(h.remove(mine), config_error);
    auto& next = h.add("a", {"d"});
    REQUIRE_THROWS_AS(h.remove(mine), config_error);
    REQUIRE(&h.chart_at(0) == &next);
}

TEST_CASE("who holds a chart may use it after its removal") {
    host h{"web-1"};
    host::follower exporter;
    backends::detail::list<const chart*> arrived;
    const auto changes = [&] {
        exporter.update(h, arrived);
        return exporter.last_readings();
    };
    for (const bool is_followed : {false, true}) {
        //! [hold]
        auto& chart = h.add<load>("system.load");
        const boost::intrusive_ptr<host::struct_chart<load>> mine{&chart};  // for another thread
        h.remove(chart);
        const bool taken = mine->record(1, {.one = 1, .five = 1, .fifteen = 1});
        //! [hold]
        REQUIRE(taken);
        REQUIRE(mine->recorded().samples == 3);
        h.add("system.load", {"one"});
        if (is_followed) {
            REQUIRE(changes().empty());  // there may be more to read
        } else {
            REQUIRE(changes().empty());  // it was removed before
            REQUIRE(arrived.size() == 1);
        }
        h.remove(h.chart_at(0));
        for (auto& one : changes()) {
            one.is_read = true;
        }
        exporter.pass();
        arrived.clear();
    }
    const auto last = changes();
    REQUIRE(last.size() == 1);  // nobody holds it now
    REQUIRE(last.front().chart->recorded().samples == 3);
}

TEST_CASE("a removed chart waits for those who follow the host, and for nobody else") {
    basic_host<double_cell, 16> h{"web-1"};
    using chart_type = basic_host<double_cell, 16>::chart_type;
    backends::detail::list<const chart_type*> of_first;
    backends::detail::list<const chart_type*> of_second;
    backends::detail::list<const chart_type*> of_late;
    std::optional<basic_host<double_cell, 16>::follower> first{std::in_place};
    std::optional<basic_host<double_cell, 16>::follower> second{std::in_place};
    std::optional<basic_host<double_cell, 16>::follower> late{std::in_place};
    auto& before = h.add("before", {"d"});
    first->update(h, of_first);
    second->update(h, of_second);
    auto& brief = h.add("brief", {"d"});  // nobody has seen it when it goes
    REQUIRE(before.record(1, {1.0}));
    REQUIRE(brief.record(1, {2.0}));
    h.remove(brief);
    h.remove(before);
    h.add("after", {"d"});
    late->update(h, of_late);
    REQUIRE(std::vector(of_late.begin(), of_late.end()) ==
            std::vector<const chart_type*>{&h.chart_at(0)});
    REQUIRE(late->last_readings().empty());
    first->update(h, of_first);
    REQUIRE(std::vector(of_first.begin(), of_first.end()) ==
            std::vector<const chart_type*>{&before, &brief, &h.chart_at(0)});
    const auto last = first->last_readings();
    REQUIRE(last.size() == 2);
    for (auto& one : last) {
        one.is_read = true;
    }
    REQUIRE(first->pass() == 2);
    REQUIRE(first->last_readings().empty());
    second->update(h, of_second);
    REQUIRE(of_second.size() == 3);
    REQUIRE(before.recorded().samples == 1);  // still there
    second->last_readings().front().is_read = true;
    REQUIRE(second->pass() == 1);
    second.reset();  // it does not pass the other one
    h.remove(h.chart_at(0));
    first.reset();
    late.reset();
    REQUIRE(h.size() == 0);
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

TEST_CASE("charts of one id and other labels are different charts") {
    host h{"h"};
    auto& a = h.add("c", {"d"}, {.labels = {{"x", "1"}, {"y", "2"}}});
    auto& b = h.add("c", {"d"}, {.labels = {{"x", "1"}, {"y", "3"}}});
    auto& c = h.add("c", {"d"});
    REQUIRE(h.size() == 3);
    REQUIRE(c.labels().empty());
    std::string text;
    for (const label one : a.labels()) {
        text.append(one.name).append("=").append(one.value).append(" ");
    }
    REQUIRE(text == "x=1 y=2 ");
    REQUIRE(a.dimension(0).id == "d");
    REQUIRE_FALSE(a.labels() == b.labels());
    // Their order does not tell them apart.
    REQUIRE_THROWS_AS(h.add("c", {"d"}, {.labels = {{"y", "2"}, {"x", "1"}}}), config_error);
    h.remove(a);
    h.add("c", {"d"}, {.labels = {{"y", "2"}, {"x", "1"}}});
    h.remove(b);
    h.remove(c);
    REQUIRE(h.size() == 1);
}

TEST_CASE("labels that no chart can have are refused with their name") {
    host h{"h"};
    const auto refusal = [&](const std::vector<tag>& labels) -> std::string {
        try {
            h.add("c", {"d"}, {.labels = labels});
        } catch (const config_error& e) {
            return e.what();
        }
        return "";
    };
    CHECK(refusal({{"x", "1"}, {"y", "2"}, {"x", "3"}}) ==
          "chart c, labels = x: the chart has it twice");
    CHECK(refusal({{"", "1"}}) == "chart c, labels = =1: a label needs a name");
    CHECK(h.size() == 0);
    CHECK(refusal({{"any\n", ""}}).empty());
}
