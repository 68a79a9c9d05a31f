// SPDX-License-Identifier: BSL-1.0
#include <backends/number/number.hpp>

#include "catch.hpp"

#include <algorithm>
#include <bit>
#include <clocale>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <limits>
#include <locale>
#include <random>
#include <string>
#include <string_view>

namespace {

using backends::decimal;
using backends::int128;

template <class T>
std::string text(T v) {
    char room[backends::max_number_chars<T> + backends::number_slack];
    std::memset(room, '#', sizeof room);
    char* const end = backends::write_number(room, v);
    REQUIRE(end > room);
    REQUIRE(end <= room + backends::max_number_chars<T>);
    return {room, end};
}

// What a line must show: the C library's exact decimal, but for the sign of zero.
std::string_view expected(double v, char (&room)[400]) {
    const int n = std::snprintf(room, sizeof room, "%.7f", v);
    const std::string_view all{room, static_cast<std::size_t>(n)};
    return all == "-0.0000000" ? all.substr(1) : all;
}

// Both ways into one buffer each, so that millions fit in a second.
class comparison {
public:
    void operator()(double v) {
        ++compared_;
        const std::string_view ours{
            ours_, static_cast<std::size_t>(backends::write_number(ours_, v) - ours_)};
        const std::string_view theirs = expected(v, theirs_);
        if (ours != theirs && wrong_++ == 0) {
            first_ = std::string{ours} + " instead of " + std::string{theirs};
        }
    }
    void both_signs(double v) {
        (*this)(v);
        (*this)(-v);
    }
    void with_neighbours(double v) {
        both_signs(v);
        both_signs(std::nextafter(v, 0.0));
        both_signs(std::nextafter(v, std::numeric_limits<double>::infinity()));
    }
    void report() const {
        CAPTURE(first_);
        CHECK(wrong_ == 0);
        CHECK(compared_ > 0);
    }

private:
    char ours_[400] = {};
    char theirs_[400] = {};
    std::string first_;
    long wrong_ = 0;
    long compared_ = 0;
};

}  // namespace

TEST_CASE("a double prints with seven decimals") {
    CHECK(text(0.0) == "0.0000000");
    CHECK(text(1.0) == "1.0000000");
    CHECK(text(-1.5) == "-1.5000000");
    CHECK(text(86.5) == "86.5000000");
    CHECK(text(12345678.1234567) == "12345678.1234567");
    CHECK(text(123456789.25) == "123456789.2500000");
    CHECK(text(0.1F) == "0.1000000");
}

TEST_CASE("what rounds to zero prints without a sign") {
    CHECK(text(-0.0) == "0.0000000");
    CHECK(text(-1e-8) == "0.0000000");
    CHECK(text(-5e-8 * 0.999) == "0.0000000");
    CHECK(text(-5e-324) == "0.0000000");
    CHECK(text(-std::numeric_limits<double>::min()) == "0.0000000");
    CHECK(text(-1e-7) == "-0.0000001");
    CHECK(text(-6e-8) == "-0.0000001");
}

TEST_CASE("a carry runs into the whole part") {
    CHECK(text(0.99999999) == "1.0000000");
    CHECK(text(-0.99999999) == "-1.0000000");
    CHECK(text(9.99999999) == "10.0000000");
    CHECK(text(99999999.99999999) == "100000000.0000000");
    CHECK(text(99999999.0) == "99999999.0000000");
    CHECK(text(100000000.0) == "100000000.0000000");
    CHECK(text(9999999999999999.0) == "10000000000000000.0000000");
}

TEST_CASE("an exact tie goes to the even digit") {
    // k + 1/256 = k.00390625: eight decimals, the last one a 5.
    CHECK(text(0.00390625) == "0.0039062");
    CHECK(text(0.01171875) == "0.0117188");
    CHECK(text(-0.00390625) == "-0.0039062");
    comparison same;
    for (int odd = 1; odd < 100'000; odd += 2) {
        same.with_neighbours(odd / 256.0);
    }
    same.report();
}

TEST_CASE("special values print as the C library prints them") {
    comparison same;
    for (const double v : {0.0,
                           1e-7,
                           5e-8,
                           1.5e-7,
                           0.5,
                           1e7,
                           1e8,
                           1e15,
                           1e16,
                           1e17,
                           1e18,
                           1e19,
                           1e20,
                           1e22,
                           1e23,
                           1e100,
                           1e308,
                           4503599627370496.0,
                           9007199254740992.0,
                           9007199254740993.0,
                           9223372036854775808.0,
                           18446744073709551616.0,
                           36893488147419103232.0,
                           1677721.5,
                           16777215.0,
                           1.6777215e14,
                           std::numeric_limits<double>::min(),
                           std::numeric_limits<double>::denorm_min(),
                           2.2250738585072009e-308}) {
        same.with_neighbours(v);
    }
    same.both_signs(std::numeric_limits<double>::max());
    for (int exponent = -1074; exponent < 1024; ++exponent) {
        same.with_neighbours(std::ldexp(1.0, exponent));
        same.both_signs(std::ldexp(1.7320508075688772, std::max(exponent, -1022)));
    }
    double ten = 1e-10;
    for (int i = -10; i < 300; ++i, ten *= 10) {
        same.with_neighbours(ten);
        same.with_neighbours(9.99999995 * ten);
    }
    same.report();
}

TEST_CASE("numbers around every boundary of the fast path print as the C library prints them") {
    comparison same;
    std::mt19937_64 random{7};
    // 2^-14 and 2^-11: where the fraction leaves 64 bits; 10^8: nine digits; 2^52 and 2^64.
    for (const double boundary :
         {6.103515625e-05, 0.00048828125, 1e8, 1e16, 4503599627370496.0, 18446744073709551616.0}) {
        double above = boundary;
        double below = boundary;
        for (int i = 0; i < 2'000; ++i) {
            same.both_signs(above);
            same.both_signs(below);
            above = std::nextafter(above, 1e300);
            below = std::nextafter(below, 0.0);
        }
    }
    for (int i = 0; i < 100'000; ++i) {
        same(static_cast<double>(random() % 100'000'000));
    }
    same.report();
}

TEST_CASE("values beside a tie print as the C library prints them") {
    comparison same;
    std::mt19937_64 random{8};
    for (int i = 0; i < 200'000; ++i) {
        const auto k = static_cast<double>(random() >> (20 + random() % 44));
        same.with_neighbours((k + 0.5) / 1e7);
        same(k / 1e7);
    }
    same.report();
}

TEST_CASE("random values of every size print as the C library prints them") {
    comparison same;
    std::mt19937_64 random{9};
    for (int i = 0; i < 3'000'000; ++i) {
        const auto mantissa = static_cast<double>(random() >> 11);
        same(std::ldexp(mantissa, -static_cast<int>(random() % 120)));
    }
    for (int i = 0; i < 200'000; ++i) {
        const auto any = std::bit_cast<double>(random());
        if (backends::is_printable(any)) {
            same(any);
        }
    }
    same.report();
}

TEST_CASE("integers print as they are") {
    CHECK(text(std::int64_t{0}) == "0");
    CHECK(text(-1) == "-1");
    CHECK(text(INT64_MIN) == "-9223372036854775808");
    CHECK(text(INT64_MAX) == "9223372036854775807");
    CHECK(text(UINT64_MAX) == "18446744073709551615");
    CHECK(text(std::uint8_t{255}) == "255");
    CHECK(text(std::int8_t{-128}) == "-128");
    std::mt19937_64 random{10};
    for (int i = 0; i < 100'000; ++i) {
        const auto v = static_cast<std::int64_t>(random()) >> (random() % 64);
        if (text(v) != std::to_string(v)) {
            FAIL(v);
        }
    }
}

TEST_CASE("a decimal prints its units, exactly") {
    CHECK(text(decimal{0}) == "0.0000000");
    CHECK(text(decimal{1}) == "0.0000001");
    CHECK(text(decimal{-1}) == "-0.0000001");
    CHECK(text(decimal{static_cast<int128>(3291240645288) * decimal::scale + 6479057}) ==
          "3291240645288.6479057");
    CHECK(text(decimal{-10'000'000}) == "-1.0000000");
    CHECK(text(decimal{9'999'999}) == "0.9999999");
    CHECK(text(decimal{static_cast<int128>(UINT64_MAX)}) == "1844674407370.9551615");
    CHECK(text(decimal{static_cast<int128>(UINT64_MAX) + 1}) == "1844674407370.9551616");
    const int128 largest = static_cast<int128>(~backends::uint128{0} >> 1);
    CHECK(text(decimal{largest}) == "17014118346046923173168730371588.4105727");
    CHECK(text(decimal{-largest - 1}) == "-17014118346046923173168730371588.4105728");
}

TEST_CASE("a decimal prints like a naive division of its units") {
    std::mt19937_64 random{11};
    for (int i = 0; i < 50'000; ++i) {
        const auto high = static_cast<backends::uint128>(random()) << 64;
        const auto units = static_cast<int128>(high | random()) >> (random() % 128);
        std::string digits;
        backends::uint128 rest = units < 0 ? 0 - static_cast<backends::uint128>(units)
                                           : static_cast<backends::uint128>(units);
        for (; rest != 0 || digits.size() < 8; rest /= 10) {
            digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
        }
        digits.insert(digits.size() - 7, ".");
        const std::string naive = (units < 0 ? "-" : "") + digits;
        if (text(decimal{units}) != naive) {
            FAIL(naive);
        }
    }
}

TEST_CASE("no locale changes a number") {
    struct german : std::numpunct<char> {
        char do_decimal_point() const override { return ','; }
        char do_thousands_sep() const override { return '.'; }
        std::string do_grouping() const override { return "\3"; }
    };
    const std::string before = std::setlocale(LC_ALL, nullptr);
    const std::locale global = std::locale::global(std::locale{std::locale{}, new german});
    for (const char* name : {"de_DE.UTF-8", "de_DE", "fr_FR.UTF-8"}) {
        if (std::setlocale(LC_ALL, name) != nullptr) {
            break;  // where none is installed, the C++ locale alone is tried
        }
    }
    const std::string small = text(1234567.5);
    const std::string large = text(1e30);
    const std::string integer = text(1234567);
    std::locale::global(global);
    std::setlocale(LC_ALL, before.c_str());
    CHECK(small == "1234567.5000000");
    CHECK(large == "1000000000000000019884624838656.0000000");
    CHECK(integer == "1234567");
}
