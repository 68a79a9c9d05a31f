// SPDX-License-Identifier: BSL-1.0
//
// Spool stage. The stream of a spool on disk: files of records in one folder, of which the newest
// grows. Each file begins with the live ranges so far, so that no older file is needed for them. A
// file without a live byte is deleted.
#pragma once

#include <backends/spool/file.hpp>
#include <backends/spool/live_ranges.hpp>
#include <backends/spool/record.hpp>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace backends::inline BACKENDS_ISA::detail {

/// A segment's name: its number in 16 hexadecimal digits, and a suffix. Sorts by number.
class segment_name {
public:
    static constexpr std::string_view suffix = ".spool";

    explicit segment_name(std::uint64_t number) noexcept {
        for (std::size_t i = 16; i-- != 0; number >>= 4U) {
            text_[i] = "0123456789abcdef"[number & 15U];
        }
        suffix.copy(text_.data() + 16, suffix.size());
    }
    [[nodiscard]] const char* c_str() const noexcept { return text_.data(); }

    /// The number in a segment's file name.
    static std::optional<std::uint64_t> parse(std::string_view name) noexcept {
        std::uint64_t number = 0;
        for (const char c : name.substr(0, 16)) {
            const std::size_t digit = std::string_view{"0123456789abcdef"}.find(c);
            number = number << 4U | (digit & 15U);
        }
        return name == segment_name{number}.c_str() ? std::optional{number} : std::nullopt;
    }

private:
    std::array<char, 16 + suffix.size() + 1> text_{};
};

/// Allocates at construction only. Never writes to a segment again after an error in it. Not
/// thread-safe.
class segment_log {
public:
    struct segment {
        std::uint64_t number = 0;
        std::uint64_t begin = 0;  // of the segment's positions
        std::uint64_t end = 0;
        std::uint64_t bytes = 0;  // of the file
    };
    struct settings {
        std::string contents;       ///< the kind of the lines
        std::size_t segment_bytes;  ///< a segment of this size is followed by a new one
        std::size_t max_bytes;      ///< of all segments, except for one record; see needs_rewrite()
        bool sync;                  ///< whether to flush to the disk, not only to the kernel
    };

    /// @param kept  the present segments, which stay as long as they have live bytes
    /// @param live  the live ranges by these segments
    /// @param end   every position in them lies before it
    segment_log(file folder, settings how, std::vector<segment> kept, const live_ranges& live,
                std::uint64_t end, std::uint64_t next_number)
        : folder_{std::move(folder)},
          how_{std::move(how)},
          segments_{std::move(kept)},
          live_{live},
          end_{end},
          next_number_{next_number} {
        for (const segment& s : segments_) {
            bytes_ += s.bytes;
        }
        segments_.reserve(segments_.size() + 2 * how_.max_bytes / how_.segment_bytes + 16);
    }

    /// The position after the last record.
    [[nodiscard]] std::uint64_t end() const noexcept { return end_; }
    /// The live part of everything written.
    [[nodiscard]] const live_ranges& live() const noexcept { return live_; }
    /// Bytes on disk.
    [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }
    /// Whether `more` bytes fit only after a rewrite of the live lines, because the segments hold
    /// few live bytes, as after many small records.
    [[nodiscard]] bool needs_rewrite(std::uint64_t more) const noexcept {
        return bytes_ + more > how_.max_bytes;
    }

    /// Writes whole lines, in two pieces that may be empty, as one record at `position`.
    /// @pre position >= end()
    std::error_code append(record_kind kind, bool ends_batch, std::uint64_t position,
                           std::string_view first, std::string_view second) noexcept {
        if (!current_.is_open() || segments_.back().bytes >= how_.segment_bytes) {
            if (const std::error_code error = begin_segment()) {
                return error;
            }
        }
        const std::error_code error = write({}, kind, ends_batch, position, first, second);
        if (!error) {
            end_ = position + first.size() + second.size();
            segments_.back().end = end_;
            if (kind == record_kind::lines) {
                live_.grow({position, end_});
            }
        }
        return error;
    }

    /// Flushes the written bytes to the disk, if the settings say so.
    std::error_code sync() noexcept {
        return how_.sync && current_.is_open() ? abandon_if(current_.sync()) : std::error_code{};
    }

    /// Records `live` as the live set; later appends are live too. Deletes segments without live
    /// bytes.
    ///
    /// @param moved  the same lines were live elsewhere: waits until the record of their new place
    ///               is as safe as they are. Lines that only left may come back after a power loss
    std::error_code note(const live_ranges& live, bool moved = false) noexcept {
        if (!current_.is_open()) {
            if (const std::error_code error = begin_segment()) {
                return error;
            }
        }
        const live_text text{live};
        if (const auto error = write({}, record_kind::live, false, live.end(), text.text(), {})) {
            return error;
        }
        if (const std::error_code error = moved ? sync() : std::error_code{}) {
            return error;
        }
        live_ = live;
        remove_if(0, segments_.size() - 1, [this](const segment& s) {
            return s.end <= live_.end() && !live_.touch(s.begin, s.end);
        });
        return {};
    }

    // ---- rewriting

    /// Makes the next appends go to new segments. Returns the first number of these.
    std::uint64_t begin_anew() noexcept {
        current_ = file{};
        return next_number_;
    }
    /// The rewrite failed: deletes its segments.
    void undo(std::uint64_t first_number) noexcept {
        current_ = file{};
        remove_if(0, segments_.size(), [=](const segment& s) { return s.number >= first_number; });
    }
    void remove_all() noexcept {
        current_ = file{};
        remove_if(0, segments_.size(), [](const segment&) { return true; });
    }

private:
    std::error_code begin_segment() noexcept {
        if (segments_.size() == segments_.capacity()) {
            return std::make_error_code(std::errc::no_buffer_space);
        }
        const segment_name name{next_number_};
        current_ = file::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL, folder_.number());
        if (!current_.is_open()) {
            const std::error_code error = last_error();
            next_number_ += error == std::errc::file_exists ? 1U : 0U;
            return error;
        }
        segments_.push_back({next_number_++, end_, end_, 0});
        const live_text text{live_};
        const auto head = segment_header({how_.contents, segments_.back().number});
        std::error_code error = write({head.data(), head.size()}, record_kind::live, false,
                                      live_.end(), text.text(), {});
        if (!error && how_.sync && ::fsync(folder_.number()) != 0) {
            error = abandon_if(last_error());
        }
        if (error) {
            undo(segments_.back().number);
        }
        return error;
    }

    std::error_code write(std::string_view head, record_kind kind, bool ends_batch,
                          std::uint64_t position, std::string_view first,
                          std::string_view second) noexcept {
        segment& s = segments_.back();
        const std::size_t length = first.size() + second.size();
        const auto header = encoded({kind, ends_batch, static_cast<std::uint32_t>(length),
                                     crc32c(second, crc32c(first)), position},
                                    {how_.contents, s.number});
        std::array parts{part(head), part({header.data(), header.size()}), part(first),
                         part(second)};
        s.bytes += head.size() + header.size() + length;
        bytes_ += head.size() + header.size() + length;
        return abandon_if(current_.write(parts));
    }

    static iovec part(std::string_view text) noexcept {
        return {const_cast<char*>(text.data()), text.size()};  // writev() only reads
    }

    std::error_code abandon_if(std::error_code error) noexcept {
        if (error) {
            current_ = file{};  // the file's end is unknown
        }
        return error;
    }

    /// A segment that cannot be deleted counts on disk; the next deletion tries again.
    [[nodiscard]] bool removed(std::uint64_t number) const noexcept {
        return ::unlinkat(folder_.number(), segment_name{number}.c_str(), 0) == 0 ||
               errno == ENOENT;
    }

    template <class Gone>
    void remove_if(std::size_t first, std::size_t last, Gone gone) noexcept {
        std::size_t kept = first;
        for (std::size_t i = first; i != segments_.size(); ++i) {
            if (i < last && gone(segments_[i]) && removed(segments_[i].number)) {
                bytes_ -= segments_[i].bytes;
            } else {
                segments_[kept++] = segments_[i];
            }
        }
        segments_.resize(kept);
    }

    file folder_;
    settings how_;
    std::vector<segment> segments_;
    file current_;
    live_ranges live_;
    std::uint64_t end_;
    std::uint64_t next_number_;
    std::uint64_t bytes_ = 0;
};

}  // namespace backends::detail
