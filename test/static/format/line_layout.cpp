// SPDX-License-Identifier: BSL-1.0
#include <backends/format/graphite_plaintext.hpp>
#include <backends/format/json_plaintext.hpp>
#include <backends/format/line_layout.hpp>
#include <backends/format/opentsdb_telnet.hpp>

#include <array>
#include <type_traits>

namespace {

using backends::lit;
using backends::varies;
namespace field = backends::field;

template <auto Line>
using split = backends::detail::line_layout<std::remove_const_t<decltype(Line)>>;

constexpr auto never = varies::never;
constexpr auto series = varies::with_series;
constexpr auto tick = varies::with_tick;
constexpr auto value = varies::always;

// The provided lines: everything that is known before the value is one copy, and so is what
// follows.
static_assert(split<backends::graphite_plaintext::line>::kinds == std::array{series, value, tick});
static_assert(split<backends::json_plaintext::line>::kinds == std::array{series, value, tick});
static_assert(split<backends::opentsdb_telnet::line>::kinds ==
              std::array{series, tick, value, never});

// Constant bytes join what stands before them, and the first ones what stands behind them.
static_assert(
    split<backends::grammar(lit<"a">, field::prefix, field::unix_time, lit<" ">, field::chart,
                            field::dimension, lit<" ">, field::value, lit<"\n">)>::kinds ==
    std::array{tick, series, value, never});

// Nothing joins the value, and a series may be in several places.
using scattered = split<backends::grammar(field::value, lit<" ">, field::chart, lit<" ">,
                                          field::unix_time, lit<" ">, field::dimension, lit<"\n">)>;
static_assert(scattered::kinds == std::array{value, series, tick, series});
static_assert(scattered::count(series) == 2);
static_assert(scattered::count(series, 1) == 0 && scattered::count(series, 3) == 1);

}  // namespace
