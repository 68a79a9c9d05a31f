// SPDX-License-Identifier: BSL-1.0
#include <backends/format/graphite_plaintext.hpp>
#include <backends/format/influx_lines.hpp>
#include <backends/format/json_plaintext.hpp>
#include <backends/format/line_layout.hpp>
#include <backends/format/opentsdb_telnet.hpp>
#include <backends/format/otlp_http.hpp>
#include <backends/format/prometheus_remote_write.hpp>

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

// What repeats is apart: its names join neither the head of the line nor each other.
using influx = split<backends::influx_lines::line>;
static_assert(influx::kinds == std::array{series, series, value, tick});
static_assert(influx::has_fields && influx::repeats_from == 1 && influx::repeats_to == 3);
static_assert(influx::between == ",");
static_assert(!split<backends::json_plaintext::line>::has_fields);
// So do constant bytes behind a value that repeats, and those behind all of them.
using bracketed = split<backends::grammar(
    field::chart, lit<" ">, field::unix_time, lit<" [">,
    field::each_dimension<", ">(lit<"(">, field::value, lit<" ">, field::dimension, lit<")">),
    lit<"]\n">)>;
static_assert(bracketed::kinds == std::array{series, tick, never, value, series, never});
static_assert(bracketed::repeats_from == 2 && bracketed::repeats_to == 5);

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

// Literals and the times of binary records are as long in every line, times as text are not.
using otlp = split<backends::otlp_http::line>;
static_assert(otlp::kinds == std::array{series, tick, value});
static_assert(otlp::fixed_length<1>() == 8 + 1 && otlp::fixed_length<0>() == 0);
using remote_write = split<backends::prometheus_remote_write::line>;
static_assert(remote_write::kinds == std::array{series, value, tick});
static_assert(remote_write::fixed_length<2>() == 1 + 6);
static_assert(split<backends::graphite_plaintext::line>::fixed_length<2>() == 0);
static_assert(bracketed::fixed_length<2>() == 1 && bracketed::fixed_length<1>() == 0);
// A chart's own labels are not usual, those of the exporter and of every series are.
static_assert(otlp::usual_length<0>() == 2 + 2 + 12 + 1 + 8 + 2 + 2 + 1);
static_assert(remote_write::usual_length<0>() > 64);

}  // namespace
