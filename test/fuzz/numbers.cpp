// SPDX-License-Identifier: BSL-1.0
//
// The text of numbers, against snprintf: doubles with seven decimals, integers, and decimals, whose
// 128 bits snprintf does not know. Nothing is written behind the room that is asked for.
#include <backends/core/decimal.hpp>
#include <backends/format/number.hpp>

#include "fuzz/harness.hpp"

#include <algorithm>
#include <array>
#include <cinttypes>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

namespace {

using namespace backends;

// Of exactly the promised size, so that the address sanitizer sees a byte too many.
template <class T>
std::string_view text_of(T value) {
    constexpr std::size_t room = max_number_chars<T> + number_slack;
    static const auto out = std::make_unique<char[]>(room);
    const std::string_view text{
        out.get(), static_cast<std::size_t>(write_number(out.get(), value) - out.get())};
    fuzz::require(text.size() <= max_number_chars<T>, "no longer than promised", text);
    return text;
}

template <class T>
std::string_view printed(const char* form, T value) {
    static std::array<char, 400> room;
    const int n = std::snprintf(room.data(), room.size(), form, value);
    return {room.data(), static_cast<std::size_t>(n)};
}

void check(double value) {
    fuzz::require(is_printable(value) == std::isfinite(value), "only finite values have a text");
    if (std::isfinite(value)) {
        std::string_view expected = printed("%.7f", value);
        if (expected == "-0.0000000") {
            expected.remove_prefix(1);
        }
        fuzz::require(text_of(value) == expected, "as snprintf", expected);
    }
}

void check(decimal value) {
    const bool negative = value.units < 0;
    auto rest = static_cast<uint128>(value.units);
    rest = negative ? 0 - rest : rest;
    std::string expected;
    for (std::size_t digits = 0; digits < 8 || rest != 0; ++digits) {
        if (digits == 7) {
            expected += '.';
        }
        expected += static_cast<char>('0' + static_cast<int>(rest % 10));
        rest /= 10;
    }
    expected += negative ? "-" : "";
    std::reverse(expected.begin(), expected.end());
    fuzz::require(text_of(value) == expected, "as digit by digit", expected);
}

// -2^127 units belong to no sum of cells, but are a decimal.
decimal decimal_of(std::uint64_t high, std::uint64_t low) {
    const auto bits = (static_cast<uint128>(high) << 64) | low;
    return decimal{static_cast<int128>(bits)};
}

}  // namespace

int fuzz::run(const std::uint8_t* data, std::size_t size) {
    decisions in{data, size};
    std::uint64_t before = 0;
    for (int n = 0; n != 16 && !in.empty(); ++n) {
        const auto bits = in.take<std::uint64_t>();
        const auto integer = static_cast<std::int64_t>(bits);
        double value;
        std::memcpy(&value, &bits, sizeof value);
        check(value);
        // Near the ties: a whole number of half units, and its neighbours.
        const double tie = static_cast<double>(integer) / 2e7;
        check(tie);
        check(std::nextafter(tie, 0));
        check(std::ldexp(static_cast<double>(integer), -static_cast<int>(bits & 63)));
        fuzz::require(text_of(bits) == printed("%" PRIu64, bits), "as snprintf");
        fuzz::require(text_of(integer) == printed("%" PRId64, integer), "as snprintf");
        const auto narrow = static_cast<std::int32_t>(integer);
        fuzz::require(text_of(narrow) == printed("%" PRId32, narrow), "as snprintf");
        check(decimal_of(0, bits));
        check(decimal_of(UINT64_MAX, bits));
        check(decimal_of(before, bits));
        before = bits;
    }
    return 0;
}
