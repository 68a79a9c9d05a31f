// SPDX-License-Identifier: BSL-1.0
//
// The names that all lines of one exporter share, as the user wrote them: any bytes. The formats
// make them safe.
#pragma once

#include <backends/core/joined.hpp>
#include <backends/isa.hpp>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace backends::inline BACKENDS_ISA {

/// One extra name=value pair, in every line of an exporter or in those of a chart: `;name=value` in
/// Graphite, ` name=value` in OpenTSDB, a member of the `labels` object in JSON.
struct tag {
    std::string name;   ///< before the format's spelling
    std::string value;  ///< before the format's spelling

    tag() = default;
    /// Takes any bytes; the wire format spells them.
    tag(std::string its_name, std::string its_value)
        : name{std::move(its_name)}, value{std::move(its_value)} {}
    /// Only for the diagnostic: {"dc", "fra"} would be a vector built from two pointers as a range.
    template <std::size_t N>
    tag(const char (&)[N]) {  // NOLINT(google-explicit-constructor)
        static_assert(N == 0,
                      "backends: a tag is a name and a value in braces of its own: "
                      ".tags = {{\"dc\", \"fra\"}}");
    }
};

/// The names in every line of an exporter.
struct identity {
    std::string prefix = "netdata";      ///< the first word of each line's name; may be empty
    std::string hostname = "localhost";  ///< the machine's name in lines
    std::vector<tag> tags = {};          ///< in every line
};

namespace detail {
/// Tags for a message: `dc=fra rack=7`.
inline std::string told_tags(const std::vector<tag>& tags) {
    std::string all;
    for (const tag& one : tags) {
        append(all, {all.empty() ? "" : " ", one.name, "=", one.value});
    }
    return all;
}
}  // namespace detail

}  // namespace backends
