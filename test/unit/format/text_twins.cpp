// SPDX-License-Identifier: BSL-1.0
#include <backends/format/text_twins.hpp>

#include <backends/core/list.hpp>

#include "catch.hpp"

#include <cstdint>
#include <map>
#include <random>

using backends::detail::text_twins;

TEST_CASE("of equal texts one stands for all, whichever goes") {
    std::mt19937 random{1};
    text_twins twins;
    std::map<std::uint32_t, int> text_of;     // of every number that is there
    std::map<int, std::uint32_t> stands_for;  // who stands for a text
    std::uint32_t next = 0;
    for (int step = 0; step < 30'000; ++step) {
        if (text_of.empty() || random() % 100 < (step / 2000 % 2 == 0 ? 60U : 40U)) {
            const int text = static_cast<int>(random() % 60);
            const auto first = stands_for.find(text);
            twins.reserve_one(next, first != stands_for.end());
            if (first == stands_for.end()) {
                twins.add_alone(next);
                stands_for[text] = next;
            } else {
                twins.join(next, first->second);
            }
            text_of[next++] = text;
        } else {
            auto one = text_of.lower_bound(static_cast<std::uint32_t>(random() % next));
            one = one == text_of.end() ? text_of.begin() : one;
            const auto [number, text] = *one;
            text_of.erase(one);
            const std::uint32_t heir = twins.remove(number);
            if (stands_for[text] != number) {
                REQUIRE(heir == text_twins::nobody);
            } else if (heir == number) {
                for (const auto& [other, its] : text_of) {
                    REQUIRE(its != text);
                }
                stands_for.erase(text);
            } else {
                REQUIRE(text_of.at(heir) == text);
                stands_for[text] = heir;
            }
        }
        REQUIRE(twins.later() == text_of.size() - stands_for.size());
        if (random() % 300 == 0) {
            backends::detail::list<std::uint32_t> to(next, text_twins::nobody);
            std::map<std::uint32_t, int> moved;
            for (const auto& [number, text] : text_of) {
                const auto place = static_cast<std::uint32_t>(moved.size());
                to[number] = place;
                moved[place] = text;
            }
            for (auto& [text, number] : stands_for) {
                number = to[number];
            }
            twins.keep(to);
            text_of = moved;
            next = static_cast<std::uint32_t>(moved.size());
        }
        for (const auto& [text, number] : stands_for) {
            REQUIRE_FALSE(twins.is_later(number));
        }
    }
}
