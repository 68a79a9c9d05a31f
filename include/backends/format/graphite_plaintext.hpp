// SPDX-License-Identifier: BSL-1.0
//
// Graphite's plaintext protocol, a model of wire_format: `P.H.C.D;tag=value V T\n`, or `H.C.D…`
// with an empty prefix. Receivers: carbon, carbon-c-relay, InfluxDB, VictoriaMetrics, Telegraf.
#pragma once

#include <backends/format/wire_format.hpp>

#include <array>
#include <cstdint>
#include <string_view>

namespace backends::inline BACKENDS_ISA {

/// `PREFIX.HOST.CHART.DIMENSION;TAGS VALUE TIME`, for carbon and what speaks like it.
struct graphite_plaintext {
    static constexpr std::string_view name = "graphite";
    static constexpr std::array<std::string_view, 1> aliases{"graphite:plaintext"};
    static constexpr std::uint16_t default_port = 2003;

    static constexpr auto line =
        grammar(field::optional_prefix<"", ".">, field::hostname, lit<".">, field::chart, lit<".">,
                field::dimension, field::tags<";", "=", ";", "">, lit<" ">, field::value, lit<" ">,
                field::unix_time, lit<"\n">);

    /// Tags keep printable ASCII except their separators. carbon reserves the tag `name` and values
    /// that begin with `~`.
    struct tag_bytes {
        /// Whether this byte stays as it is.
        static constexpr bool keeps(name_field f, char c) noexcept {
            const bool printable = c > ' ' && c < 0x7f;
            return printable && c != ';' &&
                   (f == name_field::tag_value || (c != '!' && c != '^' && c != '='));
        }
        static constexpr bool reserved(name_field f, std::string_view text) noexcept {
            return f == name_field::tag_name ? text == "name" : text.starts_with('~');
        }
    };
    /// Dotted paths. Only `[A-Za-z0-9_.-]` is safe: carbon also splits at Unicode white space, and
    /// it drops the connection on invalid UTF-8.
    using spelling = detail::path_spelling<'\0', tag_bytes>;

    /// carbon drops the connection above 16,384 bytes. It stores a path component as a file name.
    static constexpr format_limits limits{.line = 4'096, .component = 255, .tags = 32};

    /// Receivers of this format never reply.
    static constexpr bool is_rejection(std::string_view) noexcept { return false; }
};

static_assert(wire_format<graphite_plaintext>);

}  // namespace backends
