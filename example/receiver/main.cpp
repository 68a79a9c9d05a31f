// SPDX-License-Identifier: BSL-1.0
//
// A receiver for trying things out, over TCP, over HTTP and in datagrams: it checks each line with
// the format's own parser, reads binary records from any sender, counts, writes what came to a
// file, and misbehaves when asked to.
#include "any_receiver.hpp"
#include "line_readers.hpp"

#include "../common/arguments.hpp"
#include "../common/stop_signals.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

namespace {

constexpr std::array flags{
    program::flag{"port", "P", "listen on this port; 0 (default) takes a free one"},
    program::flag{"address", "A", "of this machine (default 127.0.0.1)"},
    program::flag{"path", "PATH", "read datagrams at this path instead"},
    program::flag{
        "type", "TYPE",
        "graphite (default), opentsdb, json, influx; opentsdb_http, prometheus_remote_write and "
        "otlp_http over HTTP alone; statsd and dogstatsd in datagrams"},
    program::flag{
        "out", "FILE",
        "write every whole line to it, or each binary sample as one; - is standard output"},
    program::flag{"seconds", "N", "end after so long; SIGINT and SIGTERM end it too"},
    program::flag{"quiet", "", "do not show malformed lines, nor why samples are not taken"},
    program::flag{"slow", "BYTES", "read no more than so many bytes a second"},
    program::flag{"reset-after", "BYTES", "reset each connection after so many bytes"},
    program::flag{"stop-reading-after", "BYTES", "then keep the connection, but read no more"},
    program::flag{"close-after", "LINES", "close each connection after so many lines"},
    program::flag{"reply", "TEXT", "answer each line with it"},
    program::flag{"status", "CODE", "answer requests of HTTP with it (default 204; otlp_http 200)"},
    program::flag{"flood", "", "send bytes back without end"},
    program::flag{"help", "", "show this"},
};

/// Writes every line, and shows the first few malformed ones.
struct recorder {
    std::ostream* out;
    int to_show;

    void operator()(std::string_view line, const std::optional<receiver::line_seen>& seen) {
        if (out != nullptr) {
            *out << line << '\n';
        }
        if (!seen && to_show > 0) {
            --to_show;
            std::fprintf(stderr, "malformed: %s\n", receiver::shown(line).c_str());
        }
    }

    void not_taken(std::string_view why) {
        if (to_show > 0) {
            --to_show;
            std::fprintf(stderr, "not taken: %.*s\n",
                         static_cast<int>(std::min<std::size_t>(why.size(), 300)), why.data());
        }
    }

    /// What was read is in the file, even if this program is killed.
    void end_of_block() {
        if (out != nullptr) {
            out->flush();
        }
    }
};

int receive(const program::arguments& given) {
    const auto amount = [&](std::string_view flag) {
        return static_cast<std::uint64_t>(
            given.number<std::int64_t>(flag, 0, 1, std::int64_t{1} << 40U));
    };
    if (!given.positional().empty()) {
        throw program::usage_error{"unexpected argument " + std::string{given.positional()[0]}};
    }
    const auto port = static_cast<std::uint16_t>(given.number<std::int64_t>("port", 0, 0, 65535));
    const std::string address{given.value("address").value_or("127.0.0.1")};
    const auto seconds = given.number<std::int64_t>("seconds", 1'000'000'000, 1, 1'000'000'000);
    const std::string_view type = given.value("type").value_or("graphite");
    const receiver::format_reader reader = receiver::reader_of(type);
    const auto path = given.value("path");
    if (path && !reader.in_datagrams) {
        throw backends::config_error{"--path", *path,
                                     "type = " + std::string{type} + " goes on connections"};
    }
    constexpr std::array<std::string_view, 7> of_connections{
        "slow", "reset-after", "stop-reading-after", "close-after", "reply", "status", "flood"};
    for (const std::string_view flag : of_connections) {
        if (reader.in_datagrams && given.has(flag)) {
            throw backends::config_error{"--" + std::string{flag}, given.value(flag).value_or(""),
                                         "type = " + std::string{type} + " goes in datagrams"};
        }
    }
    const receiver::misbehaviour asked{
        .slow_bytes_per_second = amount("slow"),
        .reset_after = amount("reset-after"),
        .stop_reading_after = amount("stop-reading-after"),
        .close_after_lines = amount("close-after"),
        .reply = std::string{given.value("reply").value_or("")},
        .status = given.number<std::uint64_t>("status", 0, 200, 599),
        .flood = given.has("flood"),
    };
    boost::system::error_code error;
    boost::asio::ip::make_address(address, error);
    if (error) {
        throw backends::config_error{"--address", address, error.message()};
    }

    std::ofstream file;
    std::ostream* out = nullptr;
    if (const auto name = given.value("out"); name == "-") {
        out = &std::cout;
    } else if (name) {
        file.open(std::string{*name}, std::ios::binary);
        if (!file) {
            throw backends::config_error{"--out", *name, "cannot be written"};
        }
        out = &file;
    }

    program::stop_signals signals;
    std::optional<receiver::any_receiver<recorder>> receiving;
    const recorder lines{out, given.has("quiet") ? 0 : 10};
    try {
        if (path) {
            receiving.emplace(reader, lines, std::string{*path});
        } else {
            receiving.emplace(reader, lines, port, address, asked);
        }
    } catch (const boost::system::system_error& e) {
        throw backends::config_error{path ? "--path" : "--port",
                                     path ? std::string{*path} : std::to_string(port),
                                     e.code().message()};
    }
    if (path) {
        std::printf("listening at %s\n", std::string{*path}.c_str());
    } else {
        std::printf("listening on %s port %u\n", address.c_str(), unsigned{receiving->port()});
    }
    std::fflush(stdout);

    signals.wait_for(std::chrono::seconds{seconds});
    receiving->finish(std::chrono::milliseconds{500});

    const receiver::tally t = receiving->counts();
    const char* const what = reader.messages != nullptr ? "samples" : "lines";
    std::printf("well-formed %" PRIu64 " %s, %" PRIu64 " bytes\n", t.well_formed, what,
                t.well_formed_bytes);
    std::printf("malformed %" PRIu64 " %s, torn tails %" PRIu64 "\n", t.malformed, what,
                t.torn_tails);
    if (reader.in_datagrams) {
        std::printf("read %" PRIu64 " bytes in %" PRIu64 " datagrams\n", t.bytes, t.datagrams);
        return out != nullptr && !*out ? 1 : 0;
    }
    std::printf("read %" PRIu64 " bytes on %" PRIu64 " connections, replied %" PRIu64 " bytes\n",
                t.bytes, t.connections, t.reply_bytes);
    if (t.requests != 0) {
        std::printf("answered %" PRIu64 " requests, refused %" PRIu64 "\n", t.requests,
                    t.refused_requests);
    }
    return out != nullptr && !*out ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
    return program::run("receiver [--port P] [--type TYPE] [--out FILE] [FLAGS]", flags, argc, argv,
                        receive);
}
