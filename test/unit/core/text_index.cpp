// SPDX-License-Identifier: BSL-1.0
#include <backends/core/text_index.hpp>

#include "catch.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

using backends::detail::first_repeated;
using backends::detail::hash_bytes;
using backends::detail::text_index;

namespace {

/// Texts with the numbers 0, 1, 2, ..., and an index of them.
class numbered {
public:
    /// Whether the text was there.
    bool add(const std::string& text, std::uint32_t hash) {
        texts_.push_back(text);
        index_.reserve_one();
        return index_.insert(hash, static_cast<std::uint32_t>(texts_.size() - 1),
                             [&](std::uint32_t n) {
                                 ++compared;
                                 return texts_[n] == text;
                             });
    }
    bool add(const std::string& text) { return add(text, hash_bytes(text)); }

    std::size_t compared = 0;

private:
    text_index index_;
    std::vector<std::string> texts_;
};

}  // namespace

TEST_CASE("a text is there from its first insertion on") {
    numbered all;
    CHECK_FALSE(all.add(""));
    CHECK(all.add(""));
    CHECK_FALSE(all.add("a"));
    CHECK_FALSE(all.add("b"));
    CHECK(all.add("a"));
    CHECK(all.add(""));
}

TEST_CASE("texts of one hash are told apart") {
    numbered all;
    for (const std::uint32_t hash : {std::uint32_t{0}, std::uint32_t{7}, UINT32_MAX}) {
        for (int i = 0; i < 100; ++i) {
            CHECK_FALSE(all.add(std::to_string(hash) + "/" + std::to_string(i), hash));
        }
        CHECK(all.add(std::to_string(hash) + "/50", hash));
    }
}

TEST_CASE("the index agrees with a set") {
    numbered all;
    std::set<std::string> model;
    std::mt19937 random{1};
    for (int i = 0; i < 50'000; ++i) {
        const std::string text = "chart" + std::to_string(random() % 20'000) + ".dimension";
        REQUIRE(all.add(text) == !model.insert(text).second);
    }
}

TEST_CASE("names that differ in their last characters alone have their own places") {
    numbered all;
    for (char a = '!'; a <= '~'; ++a) {
        for (char b = '!'; b <= '~'; ++b) {
            all.add(std::string{"netdata.web-1.disk."} + a + b);
        }
    }
    CHECK(all.compared < 2 * 94 * 94);  // with itself, and where all 32 bits are the same
}

TEST_CASE("the first text that comes again is found with a few looks at each") {
    for (const std::size_t n : {1'000U, 10'000U, 60'000U}) {
        std::vector<std::string> texts;
        for (std::size_t i = 0; i < n; ++i) {
            texts.push_back("dimension" + std::to_string(i));
        }
        std::size_t looks = 0;
        const auto text = [&](std::size_t i) {
            ++looks;
            return std::string_view{texts[i]};
        };
        CHECK(first_repeated(n, text) == n);
        CHECK(looks <= 2 * n);
        texts[n - 1] = texts[n / 2];
        CHECK(first_repeated(n, text) == n - 1);
        texts[n / 4] = texts[0];
        CHECK(first_repeated(n, text) == n / 4);
    }
    CHECK(first_repeated(0, [](std::size_t) { return std::string_view{}; }) == 0);
}

TEST_CASE("texts come and go, and the index has those that are there") {
    for (const std::uint32_t hashes : {3U, 50U, 4'000'000'000U}) {
        std::mt19937 random{hashes};
        text_index index;
        std::map<std::uint32_t, std::uint32_t> there;  // number to hash
        std::uint32_t next = 0;
        std::size_t most = 0;
        for (int step = 0; step < 20'000; ++step) {
            const bool grows = step / 4000 % 2 == 0;
            if (there.empty() || random() % 8 < (grows ? 5U : 3U)) {
                const auto hash = static_cast<std::uint32_t>(random() % hashes);
                index.reserve_one();
                REQUIRE_FALSE(index.insert(hash, next, [](std::uint32_t) { return false; }));
                there.emplace(next++, hash);
            } else {
                auto one = there.lower_bound(static_cast<std::uint32_t>(random() % next));
                one = one == there.end() ? there.begin() : one;
                if (random() % 4 == 0) {  // another number for it
                    index.renumber(one->second, one->first, next);
                    there.emplace(next++, one->second);
                } else {
                    index.erase(one->second, one->first);
                }
                there.erase(one);
            }
            most = std::max(most, there.size());
            if (step % 200 == 0) {
                for (const auto& [number, hash] : there) {
                    REQUIRE(index.number_of(hash, [n = number](std::uint32_t other) {
                        return other == n;
                    }) == number);
                }
                REQUIRE_FALSE(index.contains(static_cast<std::uint32_t>(random() % hashes),
                                             [](std::uint32_t n) { return n == UINT32_MAX - 1; }));
            }
        }
        REQUIRE(most > 500);
        backends::detail::list<std::uint32_t> to(next, text_index::nobody);
        std::uint32_t kept = 0;
        for (const auto& [number, hash] : there) {
            to[number] = kept++;
        }
        index.renumber(to);
        for (const auto& [number, hash] : there) {
            REQUIRE(index.number_of(hash, [n = to[number]](std::uint32_t other) {
                return other == n;
            }) == to[number]);
        }
    }
}
