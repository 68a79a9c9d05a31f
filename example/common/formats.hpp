// SPDX-License-Identifier: BSL-1.0
//
// From the name of a format, as the `type` setting has it, to the format.
#pragma once

#include <backends/core/errors.hpp>
#include <backends/format/dogstatsd.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/format/influx_lines.hpp>
#include <backends/format/json_plaintext.hpp>
#include <backends/format/opentsdb_http.hpp>
#include <backends/format/opentsdb_telnet.hpp>
#include <backends/format/otlp_http.hpp>
#include <backends/format/prometheus_remote_write.hpp>
#include <backends/format/statsd.hpp>
#include <backends/format/wire_format.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace program {

template <backends::wire_format... Formats>
struct format_list {};

/// All that the programs know.
using formats =
    format_list<backends::graphite_plaintext, backends::opentsdb_telnet, backends::json_plaintext,
                backends::influx_lines, backends::opentsdb_http, backends::prometheus_remote_write,
                backends::otlp_http, backends::statsd, backends::dogstatsd>;

template <class First, class... Others, class Use>
auto with_one_of(format_list<First, Others...>, std::string_view type, std::string names, Use use) {
    if (type == First::name || std::ranges::find(First::aliases, type) != First::aliases.end()) {
        return use(First{});
    }
    names.append(names.empty() ? "" : ", ").append(First::name);
    if constexpr (sizeof...(Others) != 0) {
        return with_one_of(format_list<Others...>{}, type, std::move(names), use);
    } else {
        throw backends::config_error{"type", type, "not one of " + names};
    }
}

/// Calls `use(Format{})` for the format called `type` and returns what that returns. Throws
/// config_error when there is none.
template <class Use>
auto with_format(std::string_view type, Use use) {
    return with_one_of(formats{}, type, {}, use);
}

}  // namespace program
