// SPDX-License-Identifier: BSL-1.0
//
// The parts of lines that change with the series, laid out once: one text behind the other in the
// order of their numbers, so that a walk through neighbouring series asks nothing where the next is.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace backends::detail {

/// Bytes that may be read behind a text and written behind a line, so that a copy is a few blocks
/// of fixed size: a call of memcpy for a length unknown to the compiler costs more than the line.
inline constexpr std::size_t copy_slack = 64;

/// Texts of `Parts` parts each. Series have the numbers 0, 1, 2, ...
template <std::size_t Parts>
class series_texts {
public:
    using lengths = std::array<std::uint32_t, Parts>;

    /// The text of a series whose line comes next.
    struct position {
        const char* text;
        const lengths* parts;
    };

    /// Registers the next series. Allocates; when that throws, nothing is registered.
    void add(std::string_view text, const lengths& parts) {
        const std::size_t begin = bytes_.size() - copy_slack;
        begins_.push_back(begin);
        try {
            lengths_.push_back(parts);
            bytes_.insert(begin, text);
        } catch (...) {
            begins_.pop_back();
            lengths_.resize(begins_.size());
            throw;
        }
    }
    [[nodiscard]] std::size_t size() const noexcept { return begins_.size(); }

    /// Precondition: series < size(). Valid until the next add().
    [[nodiscard, gnu::always_inline]] position of(std::size_t series) const noexcept {
        return {bytes_.data() + begins_[series], lengths_.data() + series};
    }

private:
    std::string bytes_ = std::string(copy_slack, '\0');
    std::vector<std::size_t> begins_;
    std::vector<lengths> lengths_;
};

}  // namespace backends::detail
