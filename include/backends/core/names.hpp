// SPDX-License-Identifier: BSL-1.0
//
// The names that every line of one exporter shares. The formats make them safe; here they are as
// the user wrote them, any bytes.
#pragma once

#include <backends/isa.hpp>

#include <string>
#include <vector>

namespace backends::inline BACKENDS_ISA {

/// One extra name=value of every line: `;name=value` in Graphite, ` name=value` in OpenTSDB, a
/// member of the `labels` object in JSON.
struct tag {
    std::string name;
    std::string value;
};

/// What stands in every line of an exporter.
struct identity {
    std::string prefix = "netdata";
    std::string hostname = "localhost";
    std::vector<tag> tags = {};
};

}  // namespace backends
