// SPDX-License-Identifier: BSL-1.0
#include <backends/core/record_ends.hpp>

#include "catch.hpp"
#include "support/records.hpp"

#include <algorithm>
#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace {

using backends::record_end;
using by_length = backends::detail::record_ends<record_end::length>;

TEMPLATE_TEST_CASE("records end where they end, wherever the bytes are cut", "", test::text_records,
                   test::field_records) {
    using ends = backends::detail::record_ends<TestType::value>;
    std::string text;
    std::vector<std::size_t> all{0};
    for (const char* body : {"one", "\n\n\n", "", "\ntwo"}) {
        text += test::record<TestType>(body);
        all.push_back(text.size());
    }
    for (std::size_t n = 0; n <= text.size(); ++n) {
        INFO(n << " bytes");
        std::size_t last = 0;
        for (const std::size_t end : all) {
            last = end <= n ? end : last;
        }
        CHECK(ends::last({text.data(), n}) == last);
        CHECK(ends::first({text.data(), n}) == (n < all[1] ? 0 : all[1]));
    }
}

TEMPLATE_TEST_CASE("the first half of records ends with one of them, but for a single one", "",
                   test::text_records, test::field_records) {
    using ends = backends::detail::record_ends<TestType::value>;
    std::minstd_rand random{3};
    for (int round = 0; round != 2000; ++round) {
        std::string text;
        std::vector<std::size_t> all;
        for (std::size_t n = 1 + random() % 7; n != 0; --n) {
            text += test::record<TestType>(std::string(1 + random() % 300, '\n'));
            all.push_back(text.size());
        }
        const std::size_t half = ends::half(text);
        REQUIRE(std::find(all.begin(), all.end(), half) != all.end());
        REQUIRE((half == text.size()) == (all.size() == 1));
    }
}

TEST_CASE("a length has as many bytes as it needs, three at most") {
    for (const std::size_t n : {0U, 1U, 10U, 126U, 127U, 128U, 129U, 255U, 256U, 16'382U, 16'383U,
                                16'384U, 16'385U, 2'097'151U}) {
        const std::string one = test::record<test::field_records>(std::string(n, '\n'));
        const std::size_t header = n < 128 ? 2 : n < 16'384 ? 3 : 4;
        REQUIRE(one.size() == header + n);
        for (std::size_t cut = 0; cut <= header + 1 && cut <= one.size(); ++cut) {
            INFO(cut << " bytes of " << one.size());
            CHECK(by_length::size({one.data(), cut}) == (cut < header ? 0 : one.size()));
        }
        CHECK(by_length::first(one) == one.size());
        CHECK(by_length::first(std::string_view{one}.substr(0, one.size() - 1)) == 0);
        CHECK(by_length::whole(one + one + "\n").bytes == 2 * one.size());
        CHECK(by_length::whole(one + one + "\n").records == 2);
    }
    CHECK(backends::detail::record_ends<record_end::length>::first("") == 0);
}

TEST_CASE("a fourth byte of a length is not looked at") {
    CHECK(by_length::size("\n\xff\xff\xff\xff") == 4 + 2'097'151);
}

}  // namespace
