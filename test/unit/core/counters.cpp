// SPDX-License-Identifier: BSL-1.0
#include <backends/core/counters.hpp>

#include "catch.hpp"

#include <set>
#include <string>

using backends::amount;
using backends::delivery_counters;
using backends::drop_reason;

TEST_CASE("the identity holds in lines and in bytes, or not at all") {
    delivery_counters c;
    CHECK(c.balanced());
    c.accepted = {10, 600};
    CHECK_FALSE(c.balanced());
    c.confirmed = {4, 240};
    c.in_flight = {1, 60};
    c.queued = {2, 120};
    c.dropped[static_cast<std::size_t>(drop_reason::overflow)] = {2, 120};
    c.dropped[static_cast<std::size_t>(drop_reason::poison)] = {1, 60};
    CHECK(c.balanced());
    CHECK(c.lost() == amount{3, 180});
    c.queued.bytes += 1;
    CHECK_FALSE(c.balanced());
}

TEST_CASE("every reason has a name of its own") {
    std::set<std::string> names;
    for (std::size_t i = 0; i < backends::drop_reasons; ++i) {
        names.emplace(to_string(static_cast<drop_reason>(i)));
    }
    CHECK(names.size() == backends::drop_reasons);
}
