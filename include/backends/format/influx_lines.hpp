// SPDX-License-Identifier: BSL-1.0
//
// Influx's line protocol, a model of wire_format: `P.C,host=H,tag=value D=V,D=V T\n`, a line for
// all dimensions of a chart that have a value of one time. Receivers: VictoriaMetrics, Telegraf,
// Vector.
#pragma once

#include <backends/core/request_body.hpp>
#include <backends/format/answer_text.hpp>
#include <backends/format/influx_text.hpp>
#include <backends/format/wire_format.hpp>

#include <array>
#include <cstdint>
#include <string_view>

namespace backends::inline BACKENDS_ISA {

/// Lines. Models request_body.
struct influx_body : line_body {
    static constexpr std::string_view target = "/write?precision=s";  ///< InfluxDB's own path
    static constexpr std::string_view query = "precision=s";          ///< or times are nanoseconds
    /// InfluxDB refuses a request, keeps its good points, and says so: `partial write: WHY
    /// dropped=NUMBER`, see its documentation of /write.
    static body_rejection rejected(std::string_view answer) noexcept {
        const bool is_partial = answer.find("partial write") != std::string_view::npos;
        return {is_partial ? detail::count_after(answer, "dropped=", "\"") : 0};
    }
};
static_assert(request_body<influx_body>);

/// A line a chart, its dimensions are the fields. Times are seconds: where a receiver does not
/// tell them by their digits, its precision is set to `s`.
struct influx_lines {
    static constexpr std::string_view name = "influx";
    static constexpr std::array<std::string_view, 2> aliases{"influx:lines", "influxdb"};
    static constexpr std::uint16_t default_port = 8189;

    /// All fields are floats, as numbers without a suffix are: a field never changes its type.
    static constexpr auto line =
        grammar(field::optional_prefix<"", ".">, field::chart, lit<",host=">, field::hostname,
                field::tags<",", "=", ",", "">, lit<" ">,
                field::each_dimension<",">(field::dimension, lit<"=">, field::value), lit<" ">,
                field::unix_time, lit<"\n">);

    using body = influx_body;  ///< of its requests

    using spelling = influx_spelling;

    /// A chart with more values than a line takes has several lines of one time, which receivers
    /// merge.
    static constexpr format_limits limits{.line = 8'192, .component = 0, .tags = 64};

    /// Receivers of this format never reply.
    static constexpr bool is_rejection(std::string_view) noexcept { return false; }
};

static_assert(wire_format<influx_lines>);

}  // namespace backends
