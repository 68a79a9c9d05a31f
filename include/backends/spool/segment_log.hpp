// SPDX-License-Identifier: BSL-1.0
//
// Spool stage. The stream of a spool on disk: files of records in one folder, the newest of which
// grows. Each begins with the live ranges as they were, so that no older file is needed for them,
// and a file without a live byte is deleted.
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

    /// The number that a file's name stands for.
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

/// Allocates at construction only. After an error the newest segment is not written to again. Not
/// thread-safe.
class segment_log {
public:
    struct segment {
        std::uint64_t number = 0;
        std::uint64_t begin = 0;  // of the positions in it
        std::uint64_t end = 0;
        std::uint64_t bytes = 0;  // of the file
    };
    struct settings {
        std::string contents;       ///< what the lines are
        std::size_t segment_bytes;  ///< a segment that has as many is followed by another
        std::size_t max_bytes;      ///< of all segments but one record; see needs_rewrite()
        bool sync;                  ///< to the disk itself, not only to the kernel
    };

    /// @param kept  the segments that are there, which stay until they are not needed any more
    /// @param live  what they say that is needed of them
    /// @param end   every position in them is in front of it
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

    /// The position behind the last record.
    [[nodiscard]] std::uint64_t end() const noexcept { return end_; }
    /// What is needed of all that was written.
    [[nodiscard]] const live_ranges& live() const noexcept { return live_; }
    /// Bytes on disk.
    [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }
    /// Room for that many more is only made by writing anew what is needed: little of the segments
    /// is, as after many small records.
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

    /// What was written is on the disk, if the settings say so.
    std::error_code sync() noexcept {
        return how_.sync && current_.is_open() ? abandon_if(current_.sync()) : std::error_code{};
    }

    /// From now on this is needed, and what is written next. Deletes what is not.
    ///
    /// @param moved  the same lines were needed elsewhere: what says where they are now must be as
    ///               safe as they are before the other place goes. What is merely not needed any
    ///               more may come back after a loss of power, and costs no wait.
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

    // ---- writing everything anew

    /// What is written next goes to segments of its own. Returns their first number.
    std::uint64_t begin_anew() noexcept {
        current_ = file{};
        return next_number_;
    }
    /// It failed: these segments hold nothing that is needed.
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
            current_ = file{};  // nobody knows where it ends
        }
        return error;
    }

    /// One that cannot be deleted is tried again with the next, and counts on disk until then.
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
