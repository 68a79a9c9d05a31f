// SPDX-License-Identifier: BSL-1.0
#include <backends/bench/registry.hpp>

#include "catch.hpp"

#include <string>

namespace {

template <int Number>
void add_number(backends::bench::registry& all, const std::string& name) {
    all.add(name, [](benchmark::State&, const std::string&) { static_cast<void>(Number); });
}

}  // namespace

TEST_CASE("what is registered twice is measured once") {
    backends::bench::registry all;
    add_number<1>(all, "one");
    add_number<1>(all, "one");
    add_number<2>(all, "two");
    CHECK(all.size() == 2);
    CHECK(all.mistakes().empty());
}

TEST_CASE("two policies of one name are a mistake") {
    backends::bench::registry all;
    add_number<1>(all, "one");
    add_number<2>(all, "one");
    REQUIRE(all.mistakes().size() == 1);
    CHECK(all.mistakes()[0].find("the name one") != std::string::npos);
}
