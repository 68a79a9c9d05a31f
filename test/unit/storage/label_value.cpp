// SPDX-License-Identifier: BSL-1.0
#include <backends/storage/label_value.hpp>

#include "catch.hpp"

#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <string_view>

using namespace backends;
using detail::label_value;

namespace {

template <class T>
std::string text(T value) {
    return std::string{label_value{value}.text()};
}

}  // namespace

TEST_CASE("an integer is its decimal text") {
    CHECK(text(0) == "0");
    CHECK(text(-7) == "-7");
    CHECK(text(static_cast<std::uint8_t>(200)) == "200");
    CHECK(text(std::numeric_limits<std::uint64_t>::max()) == "18446744073709551615");
    CHECK(text(std::numeric_limits<std::int64_t>::min()) == "-9223372036854775808");
    CHECK(text("") == "");
    CHECK(text(std::string_view{}) == "");
    CHECK(text(std::string{"any\0byte", 8}).size() == 8);
    const label_value number[]{label_value{200}};
    const label_value same[]{label_value{"200"}};
    CHECK(detail::hash_of(number) == detail::hash_of(same));
    CHECK(detail::is_key(detail::pack_values(number), same));
}

TEST_CASE("other values have other keys, wherever one ends and the next begins") {
    const label_value one[]{label_value{"ab"}, label_value{"c"}};
    const label_value other[]{label_value{"a"}, label_value{"bc"}};
    CHECK_FALSE(detail::is_key(detail::pack_values(one), other));
    CHECK(detail::hash_of(one) != detail::hash_of(other));
    const label_value fewer[]{label_value{"ab"}};
    CHECK_FALSE(detail::is_key(detail::pack_values(one), fewer));
    CHECK_FALSE(detail::is_key(detail::pack_values(fewer), one));
    CHECK_FALSE(detail::is_key(std::string{}, fewer));  // of "" g++ 12 warns wrongly
}

TEST_CASE("hashes tell texts of every length apart") {
    std::set<std::uint64_t> seen;
    std::size_t texts = 0;
    for (std::size_t size = 0; size < 40; ++size) {
        for (std::size_t at = 0; at <= size; ++at) {
            std::string any(size, 'x');
            if (at < size) {
                any[at] = 'y';
            }
            const label_value values[]{label_value{any}};
            seen.insert(detail::hash_of(values));
            ++texts;
        }
    }
    for (int n = 0; n < 20'000; ++n) {
        const label_value values[]{label_value{"/cart"}, label_value{n}};
        seen.insert(detail::hash_of(values));
        ++texts;
    }
    CHECK(seen.size() == texts);
}
