// SPDX-License-Identifier: BSL-1.0
#include <backends/core/same_word.hpp>

#include "catch.hpp"

#include <string>

using backends::detail::same_word;

TEST_CASE("words are the same in any case, and only ASCII letters have one") {
    CHECK(same_word("", ""));
    CHECK(same_word("Graphite:Plaintext", "graphite:plaintext"));
    CHECK_FALSE(same_word("graphite", "graphit"));
    CHECK_FALSE(same_word("graphit", "graphite"));
    for (int a = 0; a < 256; ++a) {
        for (int b = 0; b < 256; ++b) {
            const bool is_pair = (a | 32) == (b | 32) && (a | 32) >= 'a' && (a | 32) <= 'z';
            CHECK(same_word(std::string(1, static_cast<char>(a)),
                            std::string(1, static_cast<char>(b))) == (a == b || is_pair));
        }
    }
}
