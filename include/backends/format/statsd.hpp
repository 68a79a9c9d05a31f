// SPDX-License-Identifier: BSL-1.0
//
// statsd's lines, a model of wire_format: `P.H.C.D:V|g\n`, and `|c` for what receivers add up.
// Receivers: statsd, Telegraf, netdata, Vector, collectd, statsd_exporter.
#pragma once

#include <backends/format/wire_format.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace backends::inline BACKENDS_ISA {

/// `PREFIX.HOST.CHART.DIMENSION:VALUE|TYPE`. An amount (a sum, a count) is a counter, everything
/// else a gauge. There are no tags, and no times: a line has the time of its arrival.
struct statsd {
    static constexpr std::string_view name = "statsd";
    static constexpr std::array<std::string_view, 0> aliases{};
    static constexpr std::uint16_t default_port = 8125;

    static constexpr auto line =
        grammar(field::no_time, field::optional_prefix<"", ".">, field::hostname, lit<".">,
                field::chart, lit<".">, field::dimension, lit<":">, field::value, lit<"|">,
                field::quantity<"g", "c">, lit<"\n">);

    /// Dotted paths of `[A-Za-z0-9_.-]`: statsd itself removes or replaces all other bytes.
    using spelling = format_defaults::spelling;

    /// The bytes of a datagram that no Ethernet cuts. There are no tags.
    static constexpr format_limits limits{.line = 1'432, .component = 0, .tags = 0};

    static constexpr bool in_datagrams = true;  ///< see wire_format

    /// Receivers never reply.
    static constexpr bool is_rejection(std::string_view) noexcept { return false; }

    /// A gauge with a sign is added to the gauge's value.
    static constexpr bool adds(std::string_view text) noexcept {
        const std::size_t value = text.find(':') + 1;
        return text.substr(value).starts_with('-') && text.ends_with("|g\n");
    }
};

static_assert(wire_format<statsd>);

}  // namespace backends
