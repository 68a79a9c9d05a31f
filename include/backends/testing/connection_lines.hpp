// SPDX-License-Identifier: BSL-1.0
//
// Testing. The lines that one connection has carried, in the order of its stream: the bytes of
// each, how many lines are confirmed, how many are read, and whether the last one is whole.
#pragma once

#include <backends/isa.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace backends::inline BACKENDS_ISA::testing {

/// The machine confirms lines in order, and the peer reads them in order. Knows their numbers and
/// sizes, not their texts. Offsets are bytes since the connection's start.
class connection_lines {
public:
    /// A line's place on the connection.
    struct passage {
        std::size_t index;    ///< the line's number
        std::uint64_t first;  ///< the offset of its first byte
        std::uint64_t last;   ///< the offset after its last byte
    };

    /// Starts a new connection without bytes.
    void clear() noexcept {
        lines_.clear();
        confirmed_ = read_ = 0;
        inside_ = false;
    }

    // --- written lines

    /// A line begins at an offset.
    void begin_line(std::size_t index, std::size_t size, std::uint64_t at) {
        lines_.push_back({index, at, at + size});
        inside_ = true;
        written_ = 0;
    }
    /// The line that has begun turns out to be this one. Precondition: inside_line().
    void correct(std::size_t index, std::size_t size) noexcept {
        passage& p = lines_.back();
        p.index = index;
        p.last = p.first + size;
    }
    /// Adds n bytes of the line that has begun. Returns whether it is whole now. Precondition: it
    /// has so many left.
    bool go_on(std::size_t n) noexcept {
        const passage& p = lines_.back();
        written_ += n;
        inside_ = written_ != p.last - p.first;
        return !inside_;
    }
    /// Whether a line has begun and is not whole.
    [[nodiscard]] bool inside_line() const noexcept { return inside_; }
    /// How many bytes of the newest line were written.
    [[nodiscard]] std::size_t written() const noexcept { return written_; }
    /// The line that began last. Precondition: not empty().
    [[nodiscard]] const passage& newest() const noexcept { return lines_.back(); }
    /// The line that began first. Precondition: not empty().
    [[nodiscard]] const passage& oldest() const noexcept { return lines_.front(); }

    /// A line's place; nullptr when it has not begun here.
    [[nodiscard]] const passage* find(std::size_t index) const noexcept {
        const auto found = std::find_if(lines_.begin(), lines_.end(),
                                        [=](const passage& p) { return p.index == index; });
        return found == lines_.end() ? nullptr : &*found;
    }
    [[nodiscard]] std::size_t size() const noexcept { return lines_.size(); }  ///< lines begun here
    [[nodiscard]] bool empty() const noexcept { return lines_.empty(); }       ///< whether none was
    /// Where the newest line ends, or will end.
    [[nodiscard]] std::uint64_t end() const noexcept { return empty() ? 0 : newest().last; }
    /// Whether a line ends or will end there, or the connection starts there.
    [[nodiscard]] bool is_boundary(std::uint64_t offset) const noexcept {
        return offset == 0 || std::any_of(lines_.begin(), lines_.end(),
                                          [=](const passage& p) { return p.last == offset; });
    }

    // --- confirmed lines

    /// Confirms the next line, and returns it. Precondition: not all_confirmed().
    const passage& confirm() noexcept { return lines_[confirmed_++]; }
    /// The oldest unconfirmed line. Precondition: not all_confirmed().
    [[nodiscard]] const passage& unconfirmed() const noexcept { return lines_[confirmed_]; }
    /// How many are confirmed.
    [[nodiscard]] std::size_t confirmed() const noexcept { return confirmed_; }
    /// All begun lines.
    [[nodiscard]] bool all_confirmed() const noexcept { return confirmed_ == size(); }
    /// Where the newest confirmed line ends.
    [[nodiscard]] std::uint64_t confirmed_end() const noexcept {
        return confirmed_ == 0 ? 0 : lines_[confirmed_ - 1].last;
    }

    // --- read lines

    /// The peer has read up to `offset`. Calls read(index) once for each line that is now whole.
    template <class Read>
    void read_up_to(std::uint64_t offset, Read read) noexcept {
        const std::size_t whole = size() - (inside_ ? 1U : 0U);
        for (; read_ < whole && lines_[read_].last <= offset; ++read_) {
            read(lines_[read_].index);
        }
    }
    /// Confirmed bytes that the peer has not read. Precondition: read_up_to(offset).
    [[nodiscard]] std::uint64_t acked_unconfirmed(std::uint64_t offset) const noexcept {
        std::uint64_t bytes = 0;
        for (std::size_t i = read_; i < confirmed_; ++i) {
            bytes += lines_[i].last - (std::max)(lines_[i].first, offset);
        }
        return bytes;
    }

    /// Renumbers the lines after the first n of all are forgotten. Precondition: none of those was
    /// here.
    void renumber(std::size_t n) noexcept {
        for (passage& p : lines_) {
            p.index -= n;
        }
    }

private:
    std::vector<passage> lines_;
    std::size_t confirmed_ = 0;  // of these
    std::size_t read_ = 0;
    std::size_t written_ = 0;  // bytes of the last line
    bool inside_ = false;
};

}  // namespace backends::testing
