// SPDX-License-Identifier: BSL-1.0
#include <backends/delivery/phase.hpp>

#include "catch.hpp"

#include <cstdint>
#include <string>

namespace {

using namespace backends;
using backends::detail::delivery_transitions;
using backends::detail::transition_bit;

TEST_CASE("each transition has a row, and a row of its own") {
    std::uint64_t seen = 0;
    for (const auto& row : delivery_transitions) {
        const std::uint64_t bit = transition_bit(row.from, row.to);
        CHECK((seen & bit) == 0);
        seen |= bit;
        CHECK(std::string{row.event} != "");
    }
}

TEST_CASE("every phase can be reached, and all but the last can be left") {
    for (std::size_t i = 0; i != delivery_phases; ++i) {
        const auto phase = static_cast<delivery_phase>(i);
        bool reached = phase == delivery_phase::idle;
        bool left = phase == delivery_phase::stopped;
        for (const auto& row : delivery_transitions) {
            reached = reached || row.to == phase;
            left = left || row.from == phase;
            CHECK(row.from != delivery_phase::stopped);
        }
        INFO(to_string(phase));
        CHECK(reached);
        CHECK(left);
    }
}

TEST_CASE("phases have names") {
    CHECK(std::string{to_string(delivery_phase::idle)} == "idle");
    CHECK(std::string{to_string(delivery_phase::stopped)} == "stopped");
}

}  // namespace
