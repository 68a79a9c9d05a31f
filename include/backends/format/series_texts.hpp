// SPDX-License-Identifier: BSL-1.0
//
// The parts of lines that change with the series, laid out once: one text behind the other in the
// order of their numbers, so that a walk through neighbouring series asks nothing where the next
// is.
#pragma once

#include <backends/core/raise.hpp>
#include <backends/isa.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace backends::inline BACKENDS_ISA::detail {

/// Bytes that may be read behind a text and written behind a line, so that a copy is a few blocks
/// of fixed size: a call of memcpy for a length unknown to the compiler costs more than the line.
inline constexpr std::size_t copy_slack = 96;

/// Makes room for n elements more. Grows by an eighth, where the library's own containers double:
/// what is registered is read for years, and the room behind it stays empty.
template <class Container>
void reserve_more(Container& c, std::size_t n) {
    if (c.capacity() - c.size() < n) {
        c.reserve(c.size() + c.size() / 8 + n);
    }
}

/// Gives back what is not needed for the elements that are left, if most of it is not.
template <class Container>
void release_excess(Container& c) noexcept {
    if (c.size() < c.capacity() / 4) {
        c.shrink_to_fit();  // a request: without memory to move to, everything stays
    }
}

/// Texts of `Parts` parts each, up to 4 GiB of them. Series have the numbers 0, 1, 2, ... Beside
/// its text a series takes 4 bytes a part.
template <std::size_t Parts>
class series_texts {
public:
    using lengths = std::array<std::uint32_t, Parts>;

    /// The text of a series whose line comes next.
    struct position {
        const char* text;           ///< its next part, all others behind it
        const std::uint32_t* part;  ///< where this begins; behind it the same of the others
    };

    /// Registers the next series. Allocates; when that throws, nothing is registered. Throws
    /// std::length_error when the texts are 4 GiB in all.
    void add(std::string_view text, const lengths& parts) {
        std::uint32_t end = begins_.back();
        if (text.size() > UINT32_MAX - end) {
            detail::raise(
                std::length_error{"backends: the names of all series are more than 4 GiB"});
        }
        reserve_more(begins_, Parts);
        reserve_more(bytes_, text.size());
        bytes_.insert(bytes_.begin() + end, text.begin(), text.end());
        for (const std::uint32_t length : parts) {
            begins_.push_back(end += length);
        }
    }
    [[nodiscard]] std::size_t size() const noexcept { return (begins_.size() - 1) / Parts; }

    /// Where a series goes that does not stay.
    static constexpr std::uint32_t nowhere = UINT32_MAX;

    /// Those that do stay have the numbers to[series] from now on: 0, 1, 2, ..., in their order.
    void keep(const std::vector<std::uint32_t>& to) noexcept {
        std::size_t kept = 0;
        std::uint32_t end = 0;
        for (std::size_t series = 0; series < to.size(); ++series) {
            if (to[series] == nowhere) {
                continue;
            }
            const std::uint32_t* const part = begins_.data() + Parts * series;
            const std::uint32_t begin = part[0];
            lengths parts;
            for (std::size_t i = 0; i < Parts; ++i) {
                parts[i] = part[i + 1] - part[i];
            }
            std::memmove(bytes_.data() + end, bytes_.data() + begin, part[Parts] - begin);
            for (std::size_t i = 0; i < Parts; ++i) {
                begins_[Parts * kept + i + 1] = end += parts[i];
            }
            ++kept;
        }
        begins_.resize(Parts * kept + 1);
        bytes_.resize(end + copy_slack);
        release_excess(begins_);
        release_excess(bytes_);
    }

    /// Of all texts.
    [[nodiscard]] std::size_t bytes() const noexcept { return begins_.back(); }

    /// All parts of one, one behind the other. Precondition: series < size().
    [[nodiscard]] std::string_view text(std::size_t series) const noexcept {
        const std::uint32_t* const part = begins_.data() + Parts * series;
        return {bytes_.data() + part[0], part[Parts] - part[0]};
    }
    /// Precondition: series < size(). Valid until the next add().
    [[nodiscard, gnu::always_inline]] position of(std::size_t series) const noexcept {
        const std::uint32_t* const part = begins_.data() + Parts * series;
        return {bytes_.data() + *part, part};
    }

private:
    std::vector<char> bytes_ = std::vector<char>(copy_slack);
    std::vector<std::uint32_t> begins_{0};  // and the end of the last
};

}  // namespace backends::detail
