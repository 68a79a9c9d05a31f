// SPDX-License-Identifier: BSL-1.0
//
// What a receiver saw, and what it is asked to do wrong.
#pragma once

#include <backends/core/time.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace receiver {

/// What arrived, in whole lines and bytes. A snapshot is consistent.
struct tally {
    std::uint64_t well_formed = 0;        ///< lines of the format's grammar, or samples
    std::uint64_t well_formed_bytes = 0;  ///< of the lines with newlines, or of the binary records
    std::uint64_t malformed = 0;          ///< lines of no grammar, samples that cannot be taken
    std::uint64_t bytes = 0;              ///< everything read, torn tails included
    std::uint64_t torn_tails = 0;         ///< connections that ended inside a line
    std::uint64_t connections = 0;        ///< connections accepted
    std::uint64_t datagrams = 0;          ///< datagrams read
    std::uint64_t reply_bytes = 0;        ///< bytes sent back
    std::uint64_t requests = 0;           ///< POST requests
    std::uint64_t refused_requests = 0;  ///< those that were not accepted; no line of theirs counts
};

/// One line, taken apart.
struct line_seen {
    std::string series;      ///< prefix.host.chart.dimension; OpenTSDB's host last, in braces; tags
    std::string_view value;  ///< lives as long as the line
    backends::unix_seconds at = 0;
    std::vector<std::pair<std::string, std::string_view>> more;  ///< further values: series, value
};

/// Reads one line of a format, without its newline; nothing for a malformed one.
using line_reader = std::optional<line_seen> (*)(std::string_view line);

/// The records of a request's body as the format has them elsewhere; nothing for a body of another
/// form.
using body_reader = std::optional<std::string> (*)(std::string_view body);

struct message_format;

/// How a format is read, and how it comes.
struct format_reader {
    line_reader line;
    body_reader records = nullptr;             ///< nullptr: a body is lines
    bool in_datagrams = false;                 ///< not on connections
    const message_format* messages = nullptr;  ///< not nullptr: binary, in requests alone

    format_reader(line_reader of_lines) : line{of_lines} {}  // NOLINT(google-explicit-constructor)
    format_reader(line_reader of_lines, body_reader of_bodies, bool datagrams)
        : line{of_lines}, records{of_bodies}, in_datagrams{datagrams} {}
    explicit format_reader(const message_format& of_requests)
        : line{[](std::string_view) -> std::optional<line_seen> { return std::nullopt; }},
          messages{&of_requests} {}

    std::optional<line_seen> operator()(std::string_view text) const { return line(text); }
};

/// Real receivers restart, stall, reset and talk back. Everything is per connection, zero is "no".
struct misbehaviour {
    std::uint64_t slow_bytes_per_second = 0;  ///< read no faster than this
    std::uint64_t reset_after = 0;            ///< answer with a reset after so many bytes
    std::uint64_t stop_reading_after = 0;     ///< keep the connection, read nothing more
    std::uint64_t close_after_lines = 0;      ///< close after so many lines
    std::string reply = {};                   ///< send this, and a newline, for each line
    std::uint64_t status = 0;                 ///< of the answers to requests
    bool flood = false;                       ///< send bytes back without end
};

}  // namespace receiver
