// SPDX-License-Identifier: BSL-1.0
#include <backends/number/number.hpp>

#include <cstdint>
#include <limits>

namespace {

using backends::is_printable;
using backends::max_number_chars;

static_assert(is_printable(0.0) && is_printable(-1.5) && is_printable(5e-324));
static_assert(is_printable(std::numeric_limits<double>::max()));
static_assert(!is_printable(std::numeric_limits<double>::infinity()));
static_assert(!is_printable(-std::numeric_limits<double>::infinity()));
static_assert(!is_printable(std::numeric_limits<double>::quiet_NaN()));
static_assert(!is_printable(-std::numeric_limits<float>::quiet_NaN()));
static_assert(is_printable(INT64_MIN) && is_printable(backends::decimal{}));

static_assert(max_number_chars<std::int64_t> == sizeof("-9223372036854775808") - 1);
static_assert(max_number_chars<std::uint64_t> == sizeof("18446744073709551615") - 1);
static_assert(max_number_chars<double> == 1 + 309 + 1 + 7);
static_assert(max_number_chars<backends::decimal> ==
              sizeof("-17014118346046923173168730371588.4105728") - 1);

template <class T>
concept writable = requires(char* out, T v) {
    { backends::write_number(out, v) } noexcept -> std::same_as<char*>;
};
static_assert(writable<double> && writable<float> && writable<backends::decimal>);
static_assert(writable<int> && writable<long> && writable<long long> && writable<std::uint64_t>);
static_assert(!writable<const char*>);

// The two halves are constant expressions: the split of a double depends on no rounding mode.
constexpr auto split = [](double v) {
    return backends::detail::split(backends::detail::decompose(v));
};
static_assert(split(-1.5).whole == 1 && split(-1.5).units == 5'000'000 && split(-1.5).negative);
static_assert(split(0.99999999).whole == 1 && split(0.99999999).units == 0);
static_assert(backends::detail::digits_of_8(12'345'678) == 0x0807'0605'0403'0201);

}  // namespace
