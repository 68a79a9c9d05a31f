// SPDX-License-Identifier: BSL-1.0
//
// The lines of the three formats, read by the parsers that their grammars give: a line is well
// formed exactly when the library could have written it.
#pragma once

#include "tally.hpp"

#include "../common/formats.hpp"

#include <backends/format/parser.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace receiver {

template <backends::wire_format Format>
std::optional<line_seen> read_line(std::string_view text) {
    const auto parsed = backends::parse<Format>(text);
    if (!parsed) {
        return std::nullopt;
    }
    const backends::parsed_line& line = parsed.line;
    line_seen seen{.series = {}, .value = line.number, .at = line.at};
    if (!line.path.empty()) {
        seen.series = line.path;
        if (!line.hostname.empty()) {
            seen.series.append("{").append(line.hostname).append("}");
        }
    } else {
        for (const auto name : {line.prefix, line.hostname, line.chart, line.dimension}) {
            seen.series.append(seen.series.empty() ? "" : ".").append(name);
        }
    }
    seen.series.append(line.tags);
    return seen;
}

/// The reader of the format that `type` names. Throws config_error.
inline line_reader reader_of(std::string_view type) {
    return program::with_format(
        type, []<class Format>(Format) -> line_reader { return read_line<Format>; });
}

}  // namespace receiver
