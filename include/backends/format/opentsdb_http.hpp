// SPDX-License-Identifier: BSL-1.0
//
// OpenTSDB's /api/put over HTTP, a model of wire_format: an object a record, an array a request.
// Receivers: OpenTSDB, VictoriaMetrics.
#pragma once

#include <backends/core/request_body.hpp>
#include <backends/format/answer_text.hpp>
#include <backends/format/opentsdb_telnet.hpp>
#include <backends/format/wire_format.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace backends::inline BACKENDS_ISA {

/// Records that end with a comma and a newline, as a JSON array. Models request_body.
struct json_array_body : line_body {
    static constexpr std::string_view target = "/api/put?summary";        ///< OpenTSDB's
    static constexpr std::string_view content_type = "application/json";  ///< JSON
    static constexpr std::size_t room = 1;                                ///< for a bracket
    /// The array begins.
    static char* begin(char* p, std::size_t) noexcept {
        *--p = '[';
        return p;
    }
    /// The bracket that ends it takes the place of the last comma.
    static void end(char* p) noexcept { p[-2] = ']'; }
    /// OpenTSDB refuses a request, keeps its good points, and sums up: `{"success":N,"failed":N}`.
    static body_rejection rejected(std::string_view answer) noexcept {
        return {detail::count_after(answer, "\"failed\":", ",}")};
    }
};
static_assert(request_body<json_array_body>);

/// `{"metric":"PREFIX.CHART.DIMENSION","timestamp":TIME,"value":VALUE,"tags":{"host":"HOST"}},` for
/// http_post_for<opentsdb_http, tcp>.
struct opentsdb_http {
    static constexpr std::string_view name = "opentsdb_http";
    static constexpr std::array<std::string_view, 1> aliases{"opentsdb:http"};
    static constexpr std::uint16_t default_port = opentsdb_telnet::default_port;

    static constexpr auto line =
        grammar(lit<"{\"metric\":\"">, field::optional_prefix<"", ".">, field::chart, lit<".">,
                field::dimension, lit<"\",\"timestamp\":">, field::unix_time, lit<",\"value\":">,
                field::value, lit<",\"tags\":{\"host\":\"">, field::hostname, lit<"\"">,
                field::tags<",\"", "\":\"", "\",\"", "\"">, lit<"}},\n">);
    using body = json_array_body;  ///< of its requests

    /// As over telnet; no byte of it needs an escape.
    using spelling = opentsdb_telnet::spelling;

    /// The server accepts 8 tags, including `host`. No line of it is too long over HTTP.
    static constexpr format_limits limits{.line = 4'096, .component = 0, .tags = 7};

    /// Receivers answer; they do not reply in lines.
    static constexpr bool is_rejection(std::string_view) noexcept { return false; }
};

static_assert(wire_format<opentsdb_http>);

}  // namespace backends
