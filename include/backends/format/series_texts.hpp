// SPDX-License-Identifier: BSL-1.0
//
// All series' texts in one buffer, in the order of their numbers: walking neighbouring series needs
// no look-up.
#pragma once

#include <backends/core/inline.hpp>
#include <backends/core/list.hpp>
#include <backends/core/raise.hpp>
#include <backends/isa.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string_view>

namespace backends::inline BACKENDS_ISA::detail {

/// Bytes that may be read past a text and written past a line, so that a copy is a few fixed-size
/// blocks: a memcpy call of unknown length costs more than the line.
inline constexpr std::size_t copy_slack = 96;

/// Makes room for n more elements. Grows by an eighth instead of doubling: registered texts stay
/// for years, and their spare room stays unused.
template <class Container>
void reserve_more(Container& c, std::size_t n) {
    if (c.capacity() - c.size() < n) {
        c.reserve(c.size() + c.size() / 8 + n);
    }
}

/// Releases spare memory if it is more than three quarters.
template <class Container>
void release_excess(Container& c) noexcept {
    if (c.size() < c.capacity() / 4) {
        c.shrink_to_fit();  // a request: without memory for a copy, everything stays
    }
}

/// Texts of `Parts` parts each, up to 4 GiB in total. Series have the numbers 0, 1, 2, ... Besides
/// its text a series takes 4 bytes per part.
template <std::size_t Parts>
class series_texts {
public:
    using lengths = std::array<std::uint32_t, Parts>;

    /// A walk over the parts of one series after another.
    class position {
    public:
        position(const char* bytes, const std::uint32_t* part) noexcept
            : text_{is_walked ? bytes + part[0] : bytes}, part_{part} {}

        /// The next part. It may be read copy_slack bytes past its end.
        [[nodiscard]] std::string_view part() const noexcept {
            const std::size_t bytes = bytes_of(1);
            return {is_walked ? text_ : text_ + part_[0], bytes};
        }
        /// Of the next n parts.
        [[nodiscard]] std::size_t bytes_of(std::size_t n) const noexcept {
            return part_[n] - part_[0];
        }
        /// Passes n parts of so many bytes.
        void pass(std::size_t n, std::size_t bytes) noexcept {
            text_ += is_walked ? bytes : 0;
            part_ += n;
        }

    private:
        // A pointer that moves is cheapest, unless parts are skipped.
        static constexpr bool is_walked = Parts == 1;

        const char* text_;           // the next part's, or of all series
        const std::uint32_t* part_;  // the next part's offset; the following offsets follow
    };

    /// Registers the next series. Allocates; registers nothing if that throws. Throws
    /// std::length_error if all texts together exceed 4 GiB.
    void add(std::string_view text, const lengths& parts) {
        reserve_one(text.size());
        std::uint32_t end = begins_.back();
        bytes_.resize(bytes_.size() + text.size());
        text.copy(bytes_.data() + end, text.size());
        for (const std::uint32_t length : parts) {
            begins_.push_back(end += length);
        }
    }
    /// After it, add() of a text of so many bytes does not throw. Throws what add() would.
    void reserve_one(std::size_t bytes) {
        if (bytes > UINT32_MAX - begins_.back()) {
            detail::raise(
                std::length_error{"backends: the names of all series are more than 4 GiB"});
        }
        reserve_more(begins_, Parts);
        reserve_more(bytes_, bytes);
    }
    [[nodiscard]] std::size_t size() const noexcept { return (begins_.size() - 1) / Parts; }

    /// The new number of a removed series.
    static constexpr std::uint32_t nowhere = UINT32_MAX;

    /// Renumbers the kept series to to[series], which is 0, 1, 2, ... in their order.
    void keep(const list<std::uint32_t>& to) noexcept {
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

    /// The bytes of all texts.
    [[nodiscard]] std::size_t bytes() const noexcept { return begins_.back(); }

    /// All parts of one text. Precondition: series < size().
    [[nodiscard]] std::string_view text(std::size_t series) const noexcept {
        const std::uint32_t* const part = begins_.data() + Parts * series;
        return {bytes_.data() + part[0], part[Parts] - part[0]};
    }
    /// Precondition: series < size(). Valid until the next add().
    [[nodiscard]] BACKENDS_INLINE position of(std::size_t series) const noexcept {
        return {bytes_.data(), begins_.data() + Parts * series};
    }

private:
    list<char> bytes_ = list<char>(copy_slack);
    list<std::uint32_t> begins_ = list<std::uint32_t>(1, 0);  // and the end of the last
};

}  // namespace backends::detail
