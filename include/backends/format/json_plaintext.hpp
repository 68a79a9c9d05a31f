// SPDX-License-Identifier: BSL-1.0
//
// One JSON object per line, a model of wire_format. Receivers: Logstash (json_lines), Fluent Bit
// (in_tcp), Vector, Telegraf.
#pragma once

#include <backends/format/json_text.hpp>
#include <backends/format/wire_format.hpp>

#include <array>
#include <cstdint>
#include <string_view>

namespace backends::inline BACKENDS_ISA {

/// An object a line, for Logstash and others that read JSON lines.
struct json_plaintext {
    static constexpr std::string_view name = "json";
    static constexpr std::array<std::string_view, 1> aliases{"json:plaintext"};
    static constexpr std::uint16_t default_port = 5448;
    /// Of its requests over HTTP.
    static constexpr std::string_view http_content_type = "application/x-ndjson";

    /// Tags are a `labels` object. Empty tags and an empty prefix are omitted. The blank after
    /// `"timestamp":` is part of the format.
    static constexpr auto line = grammar(
        lit<"{">, field::optional_prefix<"\"prefix\":\"", "\",">, lit<"\"hostname\":\"">,
        field::hostname, lit<"\"">, field::tags<",\"labels\":{\"", "\":\"", "\",\"", "\"}">,
        lit<",\"id\":\"">, field::chart, lit<"\",\"subid\":\"">, field::dimension,
        lit<"\",\"value\":">, field::value, lit<",\"timestamp\": ">, field::unix_time, lit<"}\n">);

    using spelling = json_spelling;
    static constexpr format_limits limits{.line = 16'384, .component = 0, .tags = 64};

    /// Receivers of this format never reply.
    static constexpr bool is_rejection(std::string_view) noexcept { return false; }
};

static_assert(wire_format<json_plaintext>);

}  // namespace backends
