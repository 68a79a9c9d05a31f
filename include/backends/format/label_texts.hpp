// SPDX-License-Identifier: BSL-1.0
//
// Where the tags of a line are the same for all series, as in OpenTSDB's after the value, a series
// with labels has its own text instead. A format that has its tags beside the names needs none.
#pragma once

#include <backends/core/inline.hpp>
#include <backends/core/list.hpp>
#include <backends/format/line_layout.hpp>
#include <backends/format/line_writer.hpp>
#include <backends/format/series_texts.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace backends::inline BACKENDS_ISA::detail {

/// By series number. Uses no memory until a series has labels, then 4 bytes a series and the text
/// of those with labels.
template <class Lines>
class label_texts {
public:
    /// Makes room for the text of the next series, whose number is `next`. Allocates.
    void reserve_one(std::uint32_t next, std::string_view text) {
        while (!text.empty() && texts_.size() < next) {
            texts_.add({}, {0});
        }
        if (texts_.size() == next) {
            texts_.reserve_one(text.size());
        }
    }
    /// Precondition: reserve_one().
    void add(std::uint32_t next, std::string_view text) noexcept {
        if (!text.empty() || texts_.size() == next) {
            texts_.add(text, {static_cast<std::uint32_t>(text.size())});
            end_ = next + 1;
        }
    }
    /// Empty for a series without labels, and for a number that no series has.
    [[nodiscard]] std::string_view operator[](std::uint32_t series) const noexcept {
        return series < texts_.size() ? texts_.text(series) : std::string_view{};
    }
    void keep(const list<std::uint32_t>& to) noexcept {
        texts_.keep(to);
        end_ = static_cast<std::uint32_t>(texts_.size());
    }
    [[nodiscard]] std::size_t bytes() const noexcept { return texts_.bytes(); }

    /// Puts a series' own text into its lines.
    BACKENDS_INLINE void put(std::uint32_t series, line_writer<Lines>& into) const noexcept {
        if (series < end_) [[unlikely]] {
            if (const std::string_view own = texts_.text(series); !own.empty()) {
                into.template replace<Lines::shared_tags>(own);
            }
        }
    }

private:
    series_texts<1> texts_;
    std::uint32_t end_ = 0;  // how many there are, for the look of each line
};

template <class Lines>
    requires(Lines::shared_tags == Lines::size)
class label_texts<Lines> {
public:
    void reserve_one(std::uint32_t, std::string_view) noexcept {}
    void add(std::uint32_t, std::string_view) noexcept {}
    [[nodiscard]] std::string_view operator[](std::uint32_t) const noexcept { return {}; }
    void keep(const list<std::uint32_t>&) noexcept {}
    [[nodiscard]] std::size_t bytes() const noexcept { return 0; }
    BACKENDS_INLINE void put(std::uint32_t, line_writer<Lines>&) const noexcept {}
};

}  // namespace backends::detail
