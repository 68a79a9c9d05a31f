// SPDX-License-Identifier: BSL-1.0
//
// DogStatsD's lines, a model of wire_format: `P.C.D:V|g|#host:H,tag:value|TTIME\n`, and `|c` for
// what receivers add up. Receivers: Datadog's agent, and what takes its lines.
#pragma once

#include <backends/format/wire_format.hpp>

#include <array>
#include <cstdint>
#include <string_view>

namespace backends::inline BACKENDS_ISA {

/// `PREFIX.CHART.DIMENSION:VALUE|TYPE|#host:HOST,TAGS|TTIME`, with the times of version 1.3. An
/// amount (a sum, a count) is a counter, everything else a gauge. A sign is a part of the value:
/// the agent adds nothing to gauges. A receiver that does, such as Telegraf, takes statsd.
struct dogstatsd {
    static constexpr std::string_view name = "dogstatsd";
    static constexpr std::array<std::string_view, 1> aliases{"datadog"};
    static constexpr std::uint16_t default_port = 8125;

    static constexpr auto line =
        grammar(field::optional_prefix<"", ".">, field::chart, lit<".">, field::dimension, lit<":">,
                field::value, lit<"|">, field::quantity<"g", "c">, lit<"|#host:">, field::hostname,
                field::tags<",", ":", ",", "">, lit<"|T">, field::unix_time, lit<"\n">);

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
    /// `[A-Za-z0-9_.-]`, in tags `/` too.
    using spelling = detail::path_spelling<'\0', tag_bytes>;

    /// The bytes of a datagram that no Ethernet cuts.
    static constexpr format_limits limits{.line = 1'432, .component = 0, .tags = 64};

    static constexpr bool in_datagrams = true;  ///< see wire_format

    /// Receivers never reply.
    static constexpr bool is_rejection(std::string_view) noexcept { return false; }
};

static_assert(wire_format<dogstatsd>);

}  // namespace backends
