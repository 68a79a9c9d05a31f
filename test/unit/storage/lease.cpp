// SPDX-License-Identifier: BSL-1.0
//
// Instruments that come and go: the chart ends with the last lease, after the last samples, and
// whoever still has a lease records without harm.
#include <backends/storage/lease.hpp>

#include <backends/instrument/counter.hpp>
#include <backends/instrument/peak.hpp>
#include <backends/storage/host.hpp>

#include <boost/hana/adapt_struct.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>

#include "catch.hpp"

#include <optional>
#include <utility>
#include <vector>

struct leased_traffic {
    backends::counter requests;
    backends::peak<> depth;
};
BOOST_HANA_ADAPT_STRUCT(leased_traffic, requests, depth);

using namespace backends;

namespace {

double total(const chart& from) {
    double all = 0;
    from.visit<1>(from.unread(0), 0,
                  [&](const auto& row) { all += double_cell::exists(row[0]) ? row[0] : 0; });
    return all;
}

}  // namespace

TEST_CASE("a chart ends with the last copy of its lease, after the last samples") {
    host h{"h"};
    lease<leased_traffic> first = h.lease<leased_traffic>("http", {.labels = {{"a", "1"}}});
    REQUIRE(h.chart_at(0).labels().packed().size() == 10);
    const boost::intrusive_ptr<chart> it{&h.chart_at(0)};
    std::optional<lease<leased_traffic>> second{first};
    first->requests.add(3);
    h.sample(1'700'000'000);
    REQUIRE(total(*it) == 3);
    first = {};
    REQUIRE(h.size() == 1);
    (**second).requests.add(4);
    lease<leased_traffic> moved = std::move(*second);
    second.reset();
    REQUIRE(h.size() == 1);
    { const lease<leased_traffic> ends_here = std::move(moved); }
    REQUIRE(h.size() == 0);
    REQUIRE(total(*it) == 7);
    REQUIRE_FALSE(moved);  // NOLINT(bugprone-use-after-move): that is what is tested
    const auto next = h.lease<leased_traffic>("http", {.labels = {{"a", "1"}}});
    REQUIRE(next->requests.total() == 0);
}

TEST_CASE("a removed chart has what was recorded before, and later records do no harm") {
    host h{"h"};
    const auto mine = h.lease<counter>("hits");
    const boost::intrusive_ptr<chart> it{&h.chart_at(0)};
    mine->add(5);
    h.remove(mine);
    REQUIRE(h.size() == 0);
    mine->add(7);
    h.sample(1'700'000'000);
    REQUIRE(total(*it) == 5);
    REQUIRE(mine->total() == 12);
    REQUIRE_THROWS_AS(h.remove(mine), config_error);
    REQUIRE_THROWS_AS(h.remove(lease<counter>{}), config_error);
    const auto next = h.lease<counter>("hits");
    next->add();
    h.remove(h.chart_at(0));  // by the chart
    REQUIRE(h.size() == 0);
    host other{"other"};
    const auto foreign = other.lease<counter>("hits");
    REQUIRE_THROWS_AS(h.remove(foreign), config_error);
}

TEST_CASE("a lease as the page shows it") {
    host host{"web-1"};
    //! [lease]
    auto session = host.lease<leased_traffic>("session.7", {.labels = {{"user", "ada"}}});
    session->requests.add();
    const auto copy = session;  // for another thread
    session = {};
    copy->depth.record(3);  // the chart is there until the last copy is gone, or
    host.remove(copy);
    copy->requests.add();  // no harm: nobody reads it
    //! [lease]
    REQUIRE(host.size() == 0);
    REQUIRE(copy->requests.total() == 2);
}

TEST_CASE("a lease may outlive its host") {
    lease<leased_traffic> late;
    lease<leased_traffic> removed;
    {
        host h{"h"};
        late = h.lease<leased_traffic>("late");
        removed = h.lease<leased_traffic>("removed");
        h.remove(removed);
    }
    late->requests.add();
    removed->requests.add(2);
    const auto copy = late;
    REQUIRE(copy->requests.total() == 1);
    REQUIRE(removed->requests.total() == 2);
}

TEST_CASE("a lease that cannot be made leaves nothing") {
    host h{"h"};
    const auto taken = h.lease<counter>("hits");
    REQUIRE_THROWS_AS(h.lease<counter>("hits"), config_error);
    REQUIRE_THROWS_AS(h.lease<counter>(""), config_error);
    REQUIRE(h.size() == 1);
    taken->add(2);
    h.sample(1'700'000'000);
    REQUIRE(total(h.chart_at(0)) == 2);
}

TEST_CASE("the instruments of a host stay as long as it") {
    host h{"h"};
    auto& hits = h.instrument<counter>("hits");
    REQUIRE_THROWS_AS(h.remove(h.chart_at(0)), config_error);
    hits.add();
    h.sample(1'700'000'000);
    REQUIRE(total(h.chart_at(0)) == 1);
}

TEST_CASE("whichever leases end, the others are sampled") {
    host h{"h"};
    std::vector<lease<counter>> all;
    for (int n = 0; n < 300; ++n) {
        all.push_back(h.lease<counter>("c" + std::to_string(n)));
    }
    unix_seconds now = 1'700'000'000;
    for (std::size_t n = 0; n < 300; n += 2) {
        all[n] = {};
        all[n + 1]->add(n);
        h.sample(++now);
    }
    REQUIRE(h.size() == 150);
    double sum = 0;
    for (std::size_t i = 0; i < h.size(); ++i) {
        sum += total(h.chart_at(i));
    }
    REQUIRE(sum == 149 * 150);
}
