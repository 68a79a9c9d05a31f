// SPDX-License-Identifier: BSL-1.0
//
// Testing. Every accepted line, with its text and its fate, to tell bytes seen on a wire from bytes
// that nobody wrote.
#pragma once

#include <backends/isa.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace backends::inline BACKENDS_ISA::testing {

/// One line's fate.
struct accepted_line {
    std::size_t at;           ///< where its text begins in accepted_lines' memory
    std::uint32_t size;       ///< bytes, the newline included
    std::uint32_t begun = 0;  ///< connections that took its first byte
    std::uint32_t read = 0;   ///< how often a peer's program had it whole
    bool settled = false;     ///< confirmed, or passed over for good
};

/// Lines by their number in order of acceptance.
class accepted_lines {
public:
    /// Adds a line, with its newline.
    void add(std::string_view text) {
        lines_.push_back({text_.size(), static_cast<std::uint32_t>(text.size())});
        text_ += text;
        longest_ = (std::max)(longest_, text.size());
    }

    /// How many are kept.
    [[nodiscard]] std::size_t size() const noexcept { return lines_.size(); }
    /// Bytes of the longest line ever added.
    [[nodiscard]] std::size_t longest() const noexcept { return longest_; }
    /// Precondition: i < size().
    [[nodiscard]] accepted_line& operator[](std::size_t i) noexcept { return lines_[i]; }
    [[nodiscard]] const accepted_line& operator[](std::size_t i) const noexcept {
        return lines_[i];
    }
    /// Its first byte. Precondition: i < size().
    [[nodiscard]] const char* text(std::size_t i) const noexcept {
        return text_.data() + lines_[i].at;
    }

    /// The first unsettled line from number `from` on that begins with `before` and continues with
    /// `next`, as far as the line goes. size() when there is none.
    [[nodiscard]] std::size_t find(std::size_t from, std::string_view before,
                                   std::span<const char> next) const noexcept {
        for (std::size_t i = from; i < lines_.size(); ++i) {
            const accepted_line& l = lines_[i];
            const std::string_view whole{text(i), l.size};
            if (!l.settled && l.size > before.size() && whole.starts_with(before) &&
                whole.substr(before.size(), next.size())
                    .starts_with(std::string_view{
                        next.data(), (std::min)(l.size - before.size(), next.size())})) {
                return i;
            }
        }
        return lines_.size();
    }

    /// Forgets the first n lines, and renumbers the others.
    void erase_front(std::size_t n) {
        const std::size_t bytes = n == lines_.size() ? text_.size() : lines_[n].at;
        text_.erase(0, bytes);
        lines_.erase(lines_.begin(), lines_.begin() + static_cast<std::ptrdiff_t>(n));
        for (accepted_line& l : lines_) {
            l.at -= bytes;
        }
    }

private:
    std::string text_;
    std::vector<accepted_line> lines_;
    std::size_t longest_ = 0;
};

}  // namespace backends::testing
