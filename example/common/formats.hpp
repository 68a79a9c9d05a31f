// SPDX-License-Identifier: BSL-1.0
//
// From the name of a format, as the `type` setting has it, to the format.
#pragma once

#include <backends/core/errors.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/format/influx_lines.hpp>
#include <backends/format/json_plaintext.hpp>
#include <backends/format/opentsdb_telnet.hpp>
#include <backends/format/wire_format.hpp>

#include <algorithm>
#include <string_view>

namespace program {

/// Calls `use(Format{})` for the format called `type` and returns what that returns. Throws
/// config_error when there is none.
template <class Use>
auto with_format(std::string_view type, Use use) {
    const auto is = [type]<backends::wire_format Format>(Format) {
        return type == Format::name ||
               std::ranges::find(Format::aliases, type) != Format::aliases.end();
    };
    if (is(backends::graphite_plaintext{})) {
        return use(backends::graphite_plaintext{});
    }
    if (is(backends::opentsdb_telnet{})) {
        return use(backends::opentsdb_telnet{});
    }
    if (is(backends::json_plaintext{})) {
        return use(backends::json_plaintext{});
    }
    if (is(backends::influx_lines{})) {
        return use(backends::influx_lines{});
    }
    throw backends::config_error{"type", type, "not one of graphite, opentsdb, json, influx"};
}

}  // namespace program
