// SPDX-License-Identifier: BSL-1.0
#include <backends/instrument/distribution.hpp>

#include <backends/instrument/histogram.hpp>
#include <backends/instrument/quantiles.hpp>

#include "catch.hpp"

#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

using namespace backends;
using detail::distribution_window;

static_assert(distribution<histogram<>>);
static_assert(distribution<histogram<std::chrono::microseconds, 5, 320, -4>>);
static_assert(!distribution<quantiles<50>>);

namespace {

/// A reader without the type, and what it has read.
template <class H>
class reader {
public:
    explicit reader(const H& of)
        : of_{detail::reader_of("", of)}, seen_(of_.shape.words()), now_(of_.shape.words()) {}
    distribution_window next() {
        of_.read(of_.of, now_.data());
        return {of_.shape, seen_.data(), now_.data()};
    }

private:
    detail::distribution_reader of_;
    std::vector<std::uint64_t> seen_;
    std::vector<std::uint64_t> now_;
};

double sum_of(const distribution_window& of) {
    double sum = 0;
    of.sum_to([&](auto v) { sum = static_cast<double>(v); });
    return sum;
}

}  // namespace

TEST_CASE("a window without the type is what since() gives with it") {
    histogram<double, 4, 64, -2> h;
    reader windows{h};
    auto before = h.snapshot();
    std::mt19937_64 random{7};
    for (int n = 0; n < 50; ++n) {
        std::lognormal_distribution<> values{0, 0.2 + n % 5};
        for (int i = 0; i < 40 * (n % 4); ++i) {
            h.record(n % 7 == 1 ? -values(random) : values(random));
        }
        const auto now = h.snapshot();
        const auto expected = now.since(before);
        const distribution_window window = windows.next();
        REQUIRE(window.count() == expected.count());
        REQUIRE(window.below == expected.below);
        REQUIRE(window.above == expected.above);
        REQUIRE(sum_of(window) == expected.sum);
        for (std::size_t i = 0; i < expected.size; ++i) {
            REQUIRE(window.in_bucket[i] == expected.in_bucket[i]);
        }
        if (window.count() != 0) {
            REQUIRE(window.least <= expected.least);
            REQUIRE(window.greatest == expected.greatest);
            REQUIRE(quantiles<1, 50, 99>::of(window) == quantiles<1, 50, 99>::of(expected));
        }
        before = now;
    }
}

TEST_CASE("the sum of a window has the form of the values") {
    histogram<int> whole;
    histogram<std::uint64_t> large;
    histogram<std::chrono::milliseconds> times;
    reader of_whole{whole};
    reader of_large{large};
    reader of_times{times};
    whole.record(-5);
    whole.record(2);
    of_whole.next().sum_to([](auto v) {
        REQUIRE(std::is_same_v<decltype(v), std::int64_t>);
        REQUIRE(static_cast<std::int64_t>(v) == -3);
    });
    static constexpr std::uint64_t odd = (std::uint64_t{1} << 63U) + 1;
    large.record(odd);
    of_large.next().sum_to([](auto v) { REQUIRE(static_cast<std::uint64_t>(v) == odd); });
    times.record(std::chrono::microseconds{1500});
    times.record(std::chrono::seconds{2});
    REQUIRE(sum_of(of_times.next()) == 2001.5);
}

TEST_CASE("a window without a value has no sum and no extremes") {
    histogram<> h;
    reader windows{h};
    const distribution_window first = windows.next();
    REQUIRE(first.count() == 0);
    REQUIRE(sum_of(first) == 0);
    REQUIRE(std::isnan(first.greatest));
    h.record(3);
    REQUIRE(windows.next().count() == 1);
    REQUIRE(windows.next().count() == 0);
}

TEST_CASE("a NaN is told apart, and once") {
    histogram<> h;
    reader windows{h};
    h.record(std::numeric_limits<double>::quiet_NaN());
    const distribution_window window = windows.next();
    REQUIRE(window.not_a_number == 1);
    REQUIRE(window.count() == 0);
    REQUIRE(windows.next().not_a_number == 0);
}

TEST_CASE("the greatest value of a window is exact where it is the greatest ever") {
    histogram<> h;
    reader windows{h};
    h.record(100);
    REQUIRE(windows.next().greatest == 100);
    h.record(130);
    REQUIRE(windows.next().greatest == 130);
    h.record(101);  // no more than a bucket too great
    const double greatest = windows.next().greatest;
    REQUIRE(greatest >= 101);
    REQUIRE(greatest <= 101 * 1.091);
}
