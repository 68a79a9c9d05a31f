// SPDX-License-Identifier: BSL-1.0
//
// The lines of the formats, read by the parsers that their grammars give: a line is well
// formed exactly when the library could have written it. Binary records are read by readers that
// take them from any sender.
#pragma once

#include "otlp_reader.hpp"
#include "remote_write_reader.hpp"
#include "tally.hpp"

#include "../common/formats.hpp"

#include <backends/core/request_body.hpp>
#include <backends/format/opentsdb_http.hpp>
#include <backends/format/otlp_http.hpp>
#include <backends/format/parser.hpp>
#include <backends/format/prometheus_remote_write.hpp>
#include <backends/format/wire_format.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
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

/// The objects of an array, each as it was before it came into one.
inline std::optional<std::string> objects_of(std::string_view body) {
    if (!body.starts_with('[') || !body.ends_with("]\n")) {
        return std::nullopt;
    }
    std::string records{body.substr(1)};
    records[records.size() - 2] = ',';
    return records;
}

/// The reader of a format.
template <backends::wire_format Format>
format_reader reader_for() {
    using body = backends::detail::body_of<Format>;
    if constexpr (backends::detail::stands_alone<body>()) {
        return {read_line<Format>, nullptr, backends::detail::is_in_datagrams<Format>};
    } else if constexpr (std::is_same_v<body, backends::json_array_body>) {
        return {read_line<Format>, objects_of, false};
    } else if constexpr (std::is_same_v<body, backends::remote_write_body>) {
        return format_reader{remote_write_requests};
    } else {
        static_assert(std::is_same_v<body, backends::otlp_body>);
        return format_reader{otlp_requests};
    }
}

/// The reader of the format that `type` names. Throws config_error.
inline format_reader reader_of(std::string_view type) {
    return program::with_format(type, []<class Format>(Format) { return reader_for<Format>(); });
}

}  // namespace receiver
