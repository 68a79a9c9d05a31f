// SPDX-License-Identifier: BSL-1.0
//
// Charts of one struct by the values of their labels: made on first use, bounded, removed when they
// are idle, and harmless to whoever still has one.
#include <backends/storage/family.hpp>

#include <backends/instrument/counter.hpp>
#include <backends/storage/host.hpp>

#include <boost/hana/adapt_struct.hpp>

#include "catch.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

struct by_endpoint {
    backends::counter requests;
    backends::counter failures;
};
BOOST_HANA_ADAPT_STRUCT(by_endpoint, requests, failures);

using namespace backends;
using namespace std::chrono_literals;

namespace {

constexpr unix_seconds start = 1'700'000'000;
using two_labels = family<by_endpoint, "endpoint", "status">;

std::string name_of(const chart& one) {
    std::string name{one.id()};
    for (const label each : one.labels()) {
        name.append(" ").append(each.name).append("=").append(each.value);
    }
    return name;
}
/// The sums of the first dimension, by chart.
std::map<std::string, double> totals(const host& h) {
    std::map<std::string, double> all;
    h.each_chart([&](const chart& one) {
        double& sum = all[name_of(one)];
        one.visit<1>(one.unread(0), 0,
                     [&](const auto& row) { sum += double_cell::exists(row[0]) ? row[0] : 0; });
    });
    return all;
}

}  // namespace

TEST_CASE("equal values have the same instruments, and are labels of their chart") {
    host h{"h"};
    two_labels by{h, "http", {.chart = {.labels = {{"zone", "a"}}}}};
    by.at("/cart", 200)->requests.add();
    by.at(std::string{"/cart"}, "200")->requests.add(2);
    const auto kept = by.at(std::string_view{"/cart"}, 404U);
    kept->requests.add(5);
    by.at("", -1)->requests.add(7);
    h.sample(start);
    CHECK(totals(h) == std::map<std::string, double>{{"http endpoint=/cart status=200 zone=a", 3},
                                                     {"http endpoint=/cart status=404 zone=a", 5},
                                                     {"http endpoint= status=-1 zone=a", 7}});
    CHECK(by.size() == 3);
    CHECK(by.folded() == 0);
}

TEST_CASE("what has no room is counted in one chart, whose values are other") {
    host h{"h"};
    two_labels by{h, "http", {.most = 3}};
    for (int n = 0; n < 10; ++n) {
        by.at("/x", n)->requests.add();
    }
    by.at("/x", 1)->requests.add();  // was there before
    h.sample(start);
    CHECK(totals(h) == std::map<std::string, double>{{"http endpoint=/x status=0", 1},
                                                     {"http endpoint=/x status=1", 2},
                                                     {"http endpoint=/x status=2", 1},
                                                     {"http endpoint=other status=other", 7}});
    CHECK(by.folded() == 7);
    CHECK(by.size() == 3);

    // Values that are other themselves are the same chart, and make room.
    host second{"h"};
    family<counter, "x"> few{second, "c", {.most = 1}};
    few.at("other")->add();
    few.at("a")->add();
    few.at("b")->add();
    second.sample(start);
    CHECK(totals(second) == std::map<std::string, double>{{"c x=other", 2}, {"c x=b", 1}});
    family<counter, "x"> none{second, "none", {.most = 0}};
    none.at("a")->add();
    CHECK(none.folded() == 1);
}

TEST_CASE("a chart that nobody held or asked for is removed") {
    host h{"h"};
    family<counter, "x"> by{h, "c", {.most = 2, .idle_after = 60s}};
    auto held = by.at("held");
    by.at("idle")->add();
    by.at("folded")->add();
    unix_seconds now = start;
    const auto pass = [&](int seconds) {
        for (int n = 0; n < seconds; ++n) {
            h.sample(++now);
        }
    };
    pass(55);
    REQUIRE(h.size() == 3);
    by.at("idle")->add();
    pass(55);
    REQUIRE(h.size() == 3);  // somebody has asked for it
    pass(20);
    CHECK(totals(h).count("c x=idle") == 0);
    CHECK(h.size() == 2);  // the held one, and the one of those without room
    CHECK(by.size() == 1);
    by.at("new")->add();  // has room now
    CHECK(by.folded() == 1);
    CHECK(by.size() == 2);
    held->add();
    by.at("held")->add();
    pass(1);
    CHECK(totals(h)["c x=held"] == 2);
    pass(100);
    held = {};
    pass(55);  // it was held until then
    CHECK(totals(h).count("c x=held") == 1);
    pass(20);
    CHECK(totals(h).count("c x=held") == 0);
}

TEST_CASE("a clock that is set removes nothing too early") {
    host h{"h"};
    family<counter, "x"> by{h, "c", {.idle_after = 60s}};
    by.at("a")->add();
    h.sample(start);
    h.sample(start - 100'000);
    for (int n = 0; n < 55; ++n) {
        h.sample(start - 100'000 + n);
    }
    CHECK(h.size() == 1);
    for (int n = 55; n < 130; ++n) {
        h.sample(start - 100'000 + n);
    }
    CHECK(h.size() == 0);
}

TEST_CASE("a chart that was removed is made anew when somebody asks for it") {
    host h{"h"};
    family<counter, "x"> by{h, "c", {.most = 1}};
    const auto first = by.at("a");
    first->add();
    h.remove(first);
    REQUIRE(h.size() == 0);
    by.at("a")->add(3);
    REQUIRE(h.size() == 1);
    REQUIRE(by.size() == 1);
    first->add();  // read by nobody
    h.sample(start);
    CHECK(totals(h) == std::map<std::string, double>{{"c x=a", 3}});
    by.at("b")->add(5);
    h.remove(by.at("b"));  // the one of those without room
    by.at("b")->add(7);
    h.sample(start + 1);
    CHECK(totals(h)["c x=other"] == 7);
}

TEST_CASE("many series come, move and go, and none is lost or mixed up") {
    host h{"h"};
    family<counter, "n"> by{h, "c", {.most = 400, .idle_after = 2s}};
    std::map<int, lease<counter>> held;
    std::map<int, std::uint64_t> added;
    unix_seconds now = start;
    for (int n = 0; n < 4'000; ++n) {
        const int which = n * 7'919 % 1'000;
        if (n % 5 == 0) {
            held.emplace(which, by.at(which));
        }
        if (held.size() > 100) {
            held.erase(held.begin());
        }
        for (const auto& [key, one] : held) {
            REQUIRE(&*one == &*by.at(key));
        }
        by.at(which)->add();
        if (n % 50 == 0) {
            h.sample(++now);
        }
    }
    CHECK(by.folded() == 0);
    CHECK(by.size() < 400);
}

TEST_CASE("the family, its host and its leases may end in any order") {
    std::array<int, 3> order{0, 1, 2};
    do {
        auto h = std::make_unique<host>("h");
        using two = family<by_endpoint, "a", "b">;
        auto by = std::make_unique<two>(*h, "c", family_options{.idle_after = 1s});
        lease<by_endpoint> one = by->at(1, 2);
        by->at(3, 4)->requests.add();
        for (const int ends : order) {
            if (ends == 0) {
                h.reset();
            } else if (ends == 1) {
                by.reset();
            } else {
                one = {};
            }
            if (one) {
                one->requests.add();
            }
            if (by) {
                by->at(1, 2)->requests.add();
                by->at(5, ends)->requests.add();
            }
            if (h) {
                h->sample(start + ends);
            }
        }
    } while (std::next_permutation(order.begin(), order.end()));
}

TEST_CASE("a family that cannot be is refused before anybody asks for its charts") {
    host h{"h"};
    const auto refusal = [&](const std::string& id, const family_options& options) {
        try {
            const family<counter, "x"> by{h, id, options};
        } catch (const config_error& e) {
            return e.key();
        }
        return std::string{};
    };
    CHECK(refusal("", {}) == "chart");
    CHECK(refusal("c", {.most = std::size_t{1} << 40U}) == "family c, most");
    CHECK(refusal("c", {.idle_after = seconds{-1}}) == "family c, idle_after");
    CHECK(refusal("c", {.chart = {.update_every = seconds{0}}}) == "chart c, update_every");
    CHECK(refusal("c", {.chart = {.labels = {{"x", "1"}}}}) == "chart c, labels");
    // A chart of the same id and labels is somebody else's.
    h.add("c", {"value"}, {.labels = {{"x", "1"}}});
    family<counter, "x"> by{h, "c"};
    CHECK_THROWS_AS(by.at(1), config_error);
    by.at(2)->add();
    CHECK(by.size() == 1);
    CHECK(h.size() == 2);
}
