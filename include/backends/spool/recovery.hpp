// SPDX-License-Identifier: BSL-1.0
//
// Spool stage. The recovery of an earlier run's lines from a folder: reads every segment, checks
// every record, and finds the live lines.
#pragma once

#include <backends/core/errors.hpp>
#include <backends/core/record_end.hpp>
#include <backends/core/record_ends.hpp>
#include <backends/spool/file.hpp>
#include <backends/spool/live_ranges.hpp>
#include <backends/spool/record.hpp>
#include <backends/spool/segment_log.hpp>

#include <dirent.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace backends::inline BACKENDS_ISA::detail {

/// Owns the memory that holds the lines.
class recovery {
public:
    struct piece {
        std::string_view lines;
        bool ends_batch;
    };

    std::vector<segment_log::segment> segments;  ///< all that are there
    std::vector<piece> pieces;                   ///< their live lines, in order
    live_ranges live;                            ///< the live ranges by these segments
    std::uint64_t end = 0;                       ///< every position lies before it
    std::uint64_t next_number = 1;               ///< for a new segment
    std::uint64_t damaged = 0;  ///< headers and records that were torn, altered or not readable
    std::uint64_t bytes = 0;    ///< of all pieces

    /// @param folder    open, and used by nobody else
    /// @param path      names it in errors
    /// @param contents  the expected kind of lines
    /// @param most      the maximum number of bytes of lines that the caller can take
    /// @throws config_error for a whole segment of another kind, for an entry that is no file or
    ///     may not be opened, and for more lines than `most`. Damage never throws: it is counted
    recovery(const file& folder, std::string_view path, std::string_view contents,
             std::size_t most = SIZE_MAX, record_end ends = record_end::newline)
        : ends_{ends} {
        for (const std::uint64_t number : numbers(folder, path)) {
            read(folder, path, {contents, number});
        }
        find_copies();
        find_live();
        fit(path, most);
    }

private:
    struct found {
        record head;
        std::string_view lines;
    };

    static std::vector<std::uint64_t> numbers(const file& folder, std::string_view path) {
        std::vector<std::uint64_t> all;
        file again = file::open(".", O_RDONLY | O_DIRECTORY, folder.number());
        DIR* const names = again.is_open() ? ::fdopendir(::dup(again.number())) : nullptr;
        if (names == nullptr) {
            throw config_error{"spool_directory", path, last_error().message()};
        }
        while (const dirent* const entry = ::readdir(names)) {
            if (const auto number = segment_name::parse(entry->d_name)) {
                all.push_back(*number);
            }
        }
        ::closedir(names);
        std::sort(all.begin(), all.end());
        return all;
    }

    void read(const file& folder, std::string_view path, segment_id wanted) {
        const segment_name name{wanted.number};
        const auto refuse = [&](const std::string& why) {
            throw config_error{"spool_directory", path, std::string{name.c_str()} + " " + why};
        };
        std::string& text = texts_.emplace_back();
        file f = file::open(name.c_str(), O_RDONLY, folder.number());
        std::error_code error = f.is_open() ? std::error_code{} : last_error();
        if (f.is_open() && !f.is_regular()) {
            refuse("is not a segment of a spool");
        }
        if (f.is_open()) {
            error = f.read_all(text);
        }
        if (error && !is_damage(error)) {
            refuse("cannot be read: " + error.message());
        }
        const auto header = parse_segment_header(text);
        if (header && header->contents != wanted.contents) {
            refuse("holds lines of " + std::string{header->contents} + ", not of " +
                   std::string{wanted.contents});
        }
        if (header && header->number != wanted.number) {
            refuse("is a segment of a spool, but not the one of that name");
        }
        // An empty segment was just being begun.
        damaged += error || (!header && !text.empty()) ? 1U : 0U;
        if (text.size() > segment_header_size) {
            read_records(std::string_view{text}.substr(segment_header_size), wanted);
        }
        segments.push_back({wanted.number, 0, 0, text.size()});
        next_number = wanted.number + 1;
    }

    /// Errors of a disk that has lost some places. Any other error is a mistake, or passes, and the
    /// lines are still there.
    static bool is_damage(std::error_code why) noexcept {
        return why == std::errc::io_error || why == std::errc::bad_message ||
               why == std::errc::no_such_file_or_directory
#if defined(EUCLEAN)
               || why == std::error_code{EUCLEAN, std::system_category()}
#endif
        ;
    }

    void read_records(std::string_view records, segment_id segment) {
        damaged +=
            each_record(records, segment, [this](const record& head, std::string_view payload) {
                std::uint64_t last = head.position;
                if (head.kind != record_kind::live) {
                    found_.push_back({head, payload});
                    last += payload.size();
                } else if (const auto said = parse_live(payload, head.position)) {
                    live = *said;
                }
                end = (std::max)(end, last);
            });
    }

    /// A rewrite deleted the old segments, but its final `live` record is damaged: then the copies
    /// are the live lines.
    void find_copies() {
        std::uint64_t needed = 0;
        for (std::size_t i = 0; i != live.size(); ++i) {
            needed += live[i].end - live[i].begin;
        }
        std::uint64_t there = 0;
        std::uint64_t copied = 0;
        live_ranges later{end};
        for (const found& f : found_) {
            const std::uint64_t begin = f.head.position;
            const std::uint64_t last = begin + f.lines.size();
            live.each_within(begin, last, [&](live_range part) { there += part.end - part.begin; });
            if (begin >= live.end()) {
                copied += f.head.kind == record_kind::copies ? f.lines.size() : 0;
                if (!later.add({begin, last})) {
                    return;
                }
            }
        }
        if (there < needed && there < copied) {
            live = later;
        }
    }

    void find_live() {
        live_ranges named{end};
        bool all_named = true;
        const auto add = [&](const found& f, live_range part) {
            if (take(f, part)) {
                all_named = named.add(part) && all_named;
            }
        };
        for (const found& f : found_) {
            const std::uint64_t begin = f.head.position;
            const std::uint64_t last = begin + f.lines.size();
            const std::size_t before = pieces.size();
            live.each_within(begin, last, [&](live_range part) { add(f, part); });
            if (f.head.kind == record_kind::lines && last > live.end()) {
                add(f, {(std::max)(begin, live.end()), last});
            }
            if (pieces.size() != before) {
                pieces.back().ends_batch = f.head.ends_batch;
            }
        }
        if (all_named) {
            live = named;  // includes live lines without a range: see find_copies()
        }
    }

    /// Damage may bring confirmed lines back, more than a queue ever held: then the oldest are left
    /// out. Without damage the user's queue is too small.
    void fit(std::string_view path, std::size_t most) {
        if (bytes > most && damaged == 0) {
            throw config_error{"queue_bytes", std::to_string(most),
                               "the spool in " + std::string{path} + " keeps " +
                                   std::to_string(bytes) + " bytes of lines"};
        }
        std::size_t oldest = 0;
        for (; bytes > most; ++oldest) {
            bytes -= pieces[oldest].lines.size();
            ++damaged;
        }
        pieces.erase(pieces.begin(), pieces.begin() + static_cast<std::ptrdiff_t>(oldest));
    }

    bool take(const found& f, live_range part) {
        const std::string_view lines =
            f.lines.substr(part.begin - f.head.position, part.end - part.begin);
        const bool starts =
            are_whole_records(ends_, f.lines.substr(0, part.begin - f.head.position));
        if (!starts || lines.empty() || !are_whole_records(ends_, lines)) {
            ++damaged;  // valid checks, but no whole lines: no spool wrote it
            return false;
        }
        pieces.push_back({lines, false});
        bytes += lines.size();
        return true;
    }

    record_end ends_;
    std::deque<std::string> texts_;
    std::vector<found> found_;
};

}  // namespace backends::detail
