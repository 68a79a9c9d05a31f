// SPDX-License-Identifier: BSL-1.0
#include <backends/storage/observed_chart.hpp>

#include <backends/core/errors.hpp>
#include <backends/instrument/counter.hpp>
#include <backends/storage/host.hpp>

#include <boost/hana/adapt_struct.hpp>

#include "catch.hpp"

#include <array>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

struct pool_stats {
    int idle;
    double load;
};
BOOST_HANA_ADAPT_STRUCT(pool_stats, idle, load);

using namespace backends;

namespace {

constexpr unix_seconds start = 1'700'000'000;

/// The samples of a dimension, oldest first, and gaps.
std::vector<double> samples(const chart& from, std::size_t dimension) {
    std::vector<double> all;
    from.visit<1>(from.unread(0), dimension,
                  [&](const auto& row) { all.insert(all.begin(), row[0]); });
    return all;
}

}  // namespace

TEST_CASE("a callback is asked once a slot for the row of its chart") {
    host h{"h"};
    int asked = 0;
    const auto pool = h.observe<pool_stats>("pool", [&] {
        ++asked;
        return pool_stats{.idle = asked, .load = 0.5};
    });
    REQUIRE(pool.chart().id() == "pool");
    REQUIRE(pool.chart().dimension(1).id == "load");
    REQUIRE(pool.chart().collected_kind(0) == value_kind::integer);
    REQUIRE(h.sample(start) == start + 1);
    h.sample(start);
    h.sample(start + 1);
    REQUIRE(asked == 2);
    REQUIRE(samples(pool.chart(), 0) == std::vector<double>{1, 2});
    REQUIRE(samples(pool.chart(), 1) == std::vector<double>{0.5, 0.5});
}

TEST_CASE("the end of what observes is the end of its chart, and the callback's") {
    host h{"h"};
    auto used = std::make_shared<int>(0);
    auto& hits = h.instrument<counter>("hits");
    {
        const auto pool = h.observe("pool", [used] { return pool_stats{++*used, 0}; });
        h.sample(start);
        REQUIRE(h.size() == 2);
        REQUIRE(used.use_count() == 2);
    }
    REQUIRE(*used == 1);
    REQUIRE(used.use_count() == 1);
    REQUIRE(h.size() == 1);
    hits.add();
    h.sample(start + 1);
    REQUIRE(*used == 1);
    const auto again = h.observe("pool", [used] { return pool_stats{++*used, 0}; });
    h.sample(start + 2);
    REQUIRE(*used == 2);
}

TEST_CASE("a callback that throws leaves a gap, which is counted") {
    host h{"h"};
    int asked = 0;
    const auto pool = h.observe("pool", [&] {
        if (++asked == 2) {
            throw std::runtime_error{"the pool is closed"};
        }
        return pool_stats{asked, 0};
    });
    for (int n = 0; n < 3; ++n) {
        h.sample(start + n);
    }
    const auto all = samples(pool.chart(), 0);
    REQUIRE(all.size() == 3);
    REQUIRE(all[0] == 1);
    REQUIRE(!double_cell::exists(all[1]));
    REQUIRE(all[2] == 3);
    REQUIRE(pool.chart().counters().refused == 1);
}

TEST_CASE("an observation moves") {
    host h{"h"};
    std::optional<observation<host>> kept;
    {
        auto pool = h.observe("pool", [] { return pool_stats{1, 0}; });
        kept = std::move(pool);
    }
    REQUIRE(h.size() == 1);
    auto other = h.observe("other", [] { return pool_stats{2, 0}; });
    *kept = std::move(other);
    REQUIRE(kept->chart().id() == "other");
    h.sample(start);
    kept.reset();
    REQUIRE(h.size() == 1);  // what it was before, until `other` ends
}

TEST_CASE("a chart that others removed is not removed by its observation") {
    host h{"h"};
    {
        const auto pool = h.observe("pool", [] { return pool_stats{1, 0}; });
        h.remove(pool.chart());
        h.instrument<counter>("pool");
    }
    REQUIRE(h.size() == 1);
}

TEST_CASE("dimensions may have names and algorithms of their own") {
    host h{"h"};
    double total = 0;
    const auto disk = h.observe("disk", {{"read", {.algorithm = incremental}}, "queue"}, [&] {
        total += 5;
        return std::array{total, 1.5};
    });
    h.sample(start);
    h.sample(start + 1);
    REQUIRE(samples(disk.chart(), 0)[1] == 5);
    REQUIRE(samples(disk.chart(), 1)[1] == 1.5);
}

TEST_CASE("an id that is taken leaves the callback alone, and nothing behind") {
    host h{"h"};
    const auto pool = h.observe("pool", [] { return pool_stats{1, 0}; });
    REQUIRE_THROWS_AS(h.observe("pool", [] { return pool_stats{2, 0}; }), config_error);
    REQUIRE(h.sample(start) == start + 1);
    REQUIRE(h.size() == 1);
}
