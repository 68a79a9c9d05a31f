// SPDX-License-Identifier: BSL-1.0
#include <backends/number/number_block.hpp>

#include "catch.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

// Each form of a block against write_number(), which test/unit/number/number.cpp holds against the
// C library. BACKENDS_TEST_NUMBERS=100000000 in the environment makes the random runs that long.

namespace {

using backends::decimal;
using backends::number_block;
using backends::detail::vectors::none;
using backends::detail::vectors::widest;

std::size_t random_numbers() {
    const char* const wanted = std::getenv("BACKENDS_TEST_NUMBERS");
    return wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : 1'000'000;
}

/// Collects values and compares them a block at a time, every size of block in turn.
template <class Value, class Vectors>
class comparison {
public:
    void operator()(Value v) {
        values_[size_++] = v;
        if (size_ == wanted_) {
            compare();
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
    void report() {
        if (size_ != 0) {
            compare();
        }
        CAPTURE(first_);
        CHECK(wrong_ == 0);
        CHECK(compared_ > 0);
    }

private:
    static constexpr std::size_t most = 12;

    void compare() {
        backends::value_array<Value, most> values;
        for (std::size_t i = 0; i < most; ++i) {
            values.set(i, i < size_ ? values_[i] : Value{});
        }
        const number_block<Value, most, Vectors> block{values, size_};
        for (std::size_t i = 0; i < size_; ++i, ++compared_) {
            const bool has_text = backends::is_printable(values_[i]);
            if (block.is_printable(i) != has_text || (block.is_plain() && !has_text)) {
                wrong("printable", "not");
            }
            if (has_text) {
                std::array<char, 400> room;
                const std::string expected{room.data(),
                                           backends::write_number(room.data(), values_[i])};
                compare(expected, std::string{room.data(), block.write(room.data(), i)});
                if (block.is_plain()) {
                    compare(expected, std::string{room.data(), block.write_plain(room.data(), i)});
                }
            }
        }
        size_ = 0;
        wanted_ = wanted_ % most + 1;  // every size of block in turn
    }
    void compare(const std::string& expected, const std::string& got) {
        if (expected != got) {
            wrong(got, expected);
        }
    }
    void wrong(const std::string& got, const std::string& expected) {
        if (wrong_++ == 0) {
            first_ = got + " instead of " + expected;
        }
    }

    std::array<Value, most> values_{};
    std::size_t size_ = 0;
    std::size_t wanted_ = 1;
    std::string first_;
    std::size_t wrong_ = 0;
    std::size_t compared_ = 0;
};

}  // namespace

TEMPLATE_TEST_CASE("a block prints special doubles as one by one", "", none, widest) {
    comparison<double, TestType> same;
    constexpr double infinity = std::numeric_limits<double>::infinity();
    for (const double v : {0.0,
                           1e-7,
                           5e-8,
                           1.5e-7,
                           0.5,
                           0.99999995,
                           0.99999999,
                           9.99999999,
                           1e7,
                           99'999'998.0,
                           99'999'998.99999995,
                           99'999'999.0,
                           99'999'999.99999999,
                           1e8,
                           1e15,
                           1e16,
                           1e22,
                           1e308,
                           9007199254740992.0,
                           18446744073709551616.0,
                           4294967295.0,
                           4294967296.0,
                           2147483647.0,
                           2147483648.0}) {
        same.with_neighbours(v);
    }
    for (const double v :
         {infinity, -infinity, std::numeric_limits<double>::quiet_NaN(),
          -std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::max(),
          std::numeric_limits<double>::denorm_min()}) {
        for (int i = 0; i < 12; ++i) {  // beside others of their kind, and alone
            same(v);
            same(1.5);
        }
    }
    for (int exponent = -1074; exponent < 1023; ++exponent) {
        same.with_neighbours(std::ldexp(1.0, exponent));
    }
    same.report();
}

TEMPLATE_TEST_CASE("a block rounds ties, and what is beside them, as one by one", "", none,
                   widest) {
    comparison<double, TestType> same;
    std::mt19937_64 random{18};
    for (std::size_t i = 0; i < random_numbers() / 8; ++i) {
        same.with_neighbours(static_cast<double>(random() % (std::uint64_t{1} << 35) * 2 + 1) /
                             256.0);
        const auto k = static_cast<double>(random() >> (14 + random() % 50));
        same.with_neighbours((k + 0.5) / 1e7);
        same(k / 1e7);
    }
    same.report();
}

TEMPLATE_TEST_CASE("a block prints doubles around its boundaries as one by one", "", none, widest) {
    comparison<double, TestType> same;
    for (const double boundary :
         {5e-8, 1e-7, 1.0, 9'999'999.0, 1e7, 99'999'999.0, 1e8, 4294967296.0}) {
        double above = boundary;
        double below = boundary;
        for (int i = 0; i < 2'000; ++i) {
            same.both_signs(above);
            same.both_signs(below);
            above = std::nextafter(above, 1e300);
            below = std::nextafter(below, 0.0);
        }
    }
    same.report();
}

TEMPLATE_TEST_CASE("a block prints random doubles as one by one", "", none, widest) {
    comparison<double, TestType> same;
    std::mt19937_64 random{19};
    for (std::size_t i = 0; i < random_numbers(); ++i) {
        const auto mantissa = static_cast<double>(static_cast<std::int64_t>(random()) >> 11);
        same(std::ldexp(mantissa, -static_cast<int>(random() % 100)));
        same(static_cast<double>(random() % 100'000'000) / 1000.0);
    }
    for (std::size_t i = 0; i < random_numbers() / 10; ++i) {
        same(std::bit_cast<double>(random()));
    }
    same.report();
}

TEMPLATE_TEST_CASE("a block of usual doubles, and one in which a single one is not", "", none,
                   widest) {
    comparison<double, TestType> same;
    std::mt19937_64 random{25};
    for (std::size_t i = 0; i < random_numbers(); ++i) {
        const std::array<double, 9> unusual{-0.0,   -4.9e-8,      -5.1e-8,
                                            -0.25,  0.99999995,   2.9999999999999996,
                                            -1e300, 99'999'999.0, std::bit_cast<double>(random())};
        same(random() % 30 == 0 ? unusual[random() % unusual.size()]
                                : std::ldexp(static_cast<double>(random() >> 11),
                                             -27 - static_cast<int>(random() % 60)));
    }
    same.report();
}

TEMPLATE_TEST_CASE("a block prints decimals as one by one", "", none, widest) {
    using backends::int128;
    comparison<decimal, TestType> same;
    const auto all = [&](int128 units) {
        for (const int128 v : {units - 1, units, units + 1, -units - 1, -units, -units + 1}) {
            same(decimal{v});
        }
    };
    for (const int128 v :
         {int128{0}, int128{9'999'999}, int128{10'000'000}, int128{999'999'999'999'999},
          int128{1'000'000'000'000'000}, int128{INT64_MAX}, int128{1} << 64, int128{3} << 64,
          (int128{1} << 64) * INT64_MAX}) {
        all(v);
    }
    std::mt19937_64 random{20};
    for (std::size_t i = 0; i < random_numbers() / 2; ++i) {
        const auto wide = static_cast<int128>(random()) << 64 | random();
        same(decimal{wide >> (random() % 128)});
        same(decimal{static_cast<std::int64_t>(random()) >> (14 + random() % 40)});
    }
    same.report();
}

TEST_CASE("a decimal of -0 units has no sign") {
    backends::value_array<decimal, 4> values;
    values.set_pair(0, {backends::detail::f64x2{-0.0, 0.0}});
    const number_block<decimal, 4> block{values, 2};
    std::array<char, 64> room;
    CHECK(std::string{room.data(), block.write(room.data(), 0)} == "0.0000000");
}

TEMPLATE_TEST_CASE("a block prints integers as one by one", "", none, widest) {
    comparison<std::int64_t, TestType> same;
    comparison<std::uint64_t, TestType> same_unsigned;
    const auto all = [&](std::uint64_t v) {
        for (const std::uint64_t near : {v - 1, v, v + 1}) {
            same(static_cast<std::int64_t>(near));
            same(static_cast<std::int64_t>(0 - near));
            same_unsigned(near);
        }
    };
    std::uint64_t ten = 1;
    for (int digits = 0; digits < 20; ++digits, ten *= 10) {
        all(ten);
    }
    for (int bit = 0; bit < 64; ++bit) {
        all(std::uint64_t{1} << bit);
    }
    std::mt19937_64 random{21};
    for (std::size_t i = 0; i < random_numbers() / 2; ++i) {
        all(random() >> (random() % 64));
    }
    same.report();
    same_unsigned.report();
}

TEMPLATE_TEST_CASE("a block of short integers, and one in which a single one is not", "", none,
                   widest) {
    comparison<std::int64_t, TestType> same;
    comparison<std::uint64_t, TestType> same_unsigned;
    const auto all = [&](std::uint64_t v) {
        same(static_cast<std::int64_t>(v));
        same_unsigned(v);
    };
    std::mt19937_64 random{22};
    for (std::size_t i = 0; i < random_numbers() / 2; ++i) {
        const bool is_long = random() % 30 == 0;
        all(is_long ? std::uint64_t{1} << 26 | random() >> (random() % 64)
                    : random() >> (38 + random() % 26));
    }
    for (std::uint64_t v = (1U << 26) - 20; v <= (1U << 26) + 20; ++v) {
        all(v);
    }
    same.report();
    same_unsigned.report();
}
