// SPDX-License-Identifier: BSL-1.0
//
// The lines of the formats, read by the parsers that their grammars give: a line is well
// formed exactly when the library could have written it.
#pragma once

#include "tally.hpp"

#include "../common/formats.hpp"

#include <backends/format/parser.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace receiver {

template <backends::wire_format Format>
std::optional<line_seen> read_line(std::string_view text) {
    const auto parsed = backends::parse<Format>(text);
    if (!parsed) {
        return std::nullopt;
    }
    const backends::parsed_line& line = parsed.line;
    line_seen seen{.series = {}, .value = {}, .at = line.at, .more = {}};
    backends::each_value<Format>(line, [&](std::string_view dimension, std::string_view number) {
        std::string series{line.path};
        if (!line.path.empty()) {
            series.append(dimension.empty() ? "" : ".").append(dimension);
            if (!line.hostname.empty()) {
                series.append("{").append(line.hostname).append("}");
            }
        } else {
            for (const auto name : {line.prefix, line.hostname, line.chart, dimension}) {
                series.append(series.empty() ? "" : ".").append(name);
            }
        }
        series.append(line.tags);
        if (seen.value.empty()) {
            seen.series = std::move(series);
            seen.value = number;
        } else {
            seen.more.emplace_back(std::move(series), number);
        }
    });
    return seen;
}

/// The reader of the format that `type` names. Throws config_error.
inline line_reader reader_of(std::string_view type) {
    return program::with_format(
        type, []<class Format>(Format) -> line_reader { return read_line<Format>; });
}

}  // namespace receiver
