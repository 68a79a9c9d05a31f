// SPDX-License-Identifier: BSL-1.0
//
// OpenTSDB's telnet protocol, a model of wire_format: `put P.C.D T V host=H tag=value\n`.
// Receivers: OpenTSDB, KairosDB, VictoriaMetrics, InfluxDB.
#pragma once

#include <backends/format/wire_format.hpp>

#include <array>
#include <cstdint>
#include <string_view>

namespace backends::inline BACKENDS_ISA {

/// `put PREFIX.CHART.DIMENSION TIME VALUE host=HOST TAGS`, for OpenTSDB's telnet port.
struct opentsdb_telnet {
    static constexpr std::string_view name = "opentsdb";
    static constexpr std::array<std::string_view, 1> aliases{"opentsdb:telnet"};
    static constexpr std::uint16_t default_port = 4242;

    /// `put` is lower case at the very start: a server takes an upper-case letter there for HTTP.
    static constexpr auto line =
        grammar(lit<"put ">, field::optional_prefix<"", ".">, field::chart, lit<".">,
                field::dimension, lit<" ">, field::unix_time, lit<" ">, field::value, lit<" host=">,
                field::hostname, field::tags<" ", "=", " ", "">, lit<"\n">);

    /// The bytes of a tag.
    struct tag_bytes {
        /// Whether this byte stays as it is.
        static constexpr bool keeps(name_field, char c) noexcept {
            return detail::is_alphanumeric(c) || c == '_' || c == '-' || c == '.' || c == '/';
        }
        /// The line already has a `host` tag.
        static constexpr bool reserved(name_field f, std::string_view text) noexcept {
            return f == name_field::tag_name && text == "host";
        }
    };
    /// `[A-Za-z0-9_./-]`. OpenTSDB allows Unicode letters, but they are not safe over telnet.
    using spelling = detail::path_spelling<'/', tag_bytes>;

    /// The server's frame decoder closes the connection above 1,024 bytes. It accepts 8 tags,
    /// including `host`.
    static constexpr format_limits limits{.line = 1'024, .component = 0, .tags = 7};

    /// Receivers reply only to failures.
    static constexpr bool is_rejection(std::string_view reply) noexcept {
        return reply.starts_with("put:") || reply.starts_with("unknown command") ||
               reply.find("Please throttle writes") != std::string_view::npos;
    }
};

static_assert(wire_format<opentsdb_telnet>);

}  // namespace backends
