// SPDX-License-Identifier: BSL-1.0
//
// What the parser reads out of a line.
#pragma once

#include <backends/core/quantity.hpp>
#include <backends/core/time.hpp>
#include <backends/isa.hpp>

#include <cstddef>
#include <string_view>
#include <system_error>

namespace backends::inline BACKENDS_ISA {

/// A line, as views of its text. Names are spelled: json_unescape() returns a JSON name's original.
/// If names may hold the bytes that separate them, the parser cannot split them: it returns them
/// with separators as `path`, and their own views are empty. So Graphite has path = P.H.C.D (or
/// H.C.D without a prefix), OpenTSDB has path = P.C.D and a hostname, Influx has path = P.C, a
/// hostname and dimensions, JSON has all four names and no path. Of a binary record, the path is
/// the metric's name, and the tags are the messages of all labels.
struct parsed_line {
    std::string_view path;       ///< names with their separators
    std::string_view prefix;     ///< empty where it is part of the path
    std::string_view hostname;   ///< the same
    std::string_view chart;      ///< the same
    std::string_view dimension;  ///< the same
    std::string_view tags;       ///< the whole list with its punctuation; empty without tags
    std::string_view number;     ///< the value's text; the bytes of a double in a binary record
    std::string_view fields;     ///< all that repeats; dimension and number are the first ones
    unix_seconds at = 0;         ///< the time; 0 where the line has none
    /// What the value says, where the line tells it.
    quantity says = quantity::level;
};

/// A parsed line, or an error of errc and its byte position.
struct parse_result {
    parsed_line line;          ///< whole where there is no error
    std::error_code error;     ///< the first one
    std::size_t position = 0;  ///< the byte where it is

    explicit operator bool() const noexcept { return !error; }  ///< whether it is a line
};

}  // namespace backends
