// SPDX-License-Identifier: BSL-1.0
//
// Finds the records that a receiver refuses, where it refuses whole bodies: halves what was
// refused, down to single records.
#pragma once

#include <backends/isa.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace backends::inline BACKENDS_ISA::detail {

/// A stack of ends: the top one ends the part that is tried now, those below it end what was
/// refused as a whole.
class refused_part {
public:
    void clear() noexcept { levels_ = 0; }
    /// Nothing is left to try.
    [[nodiscard]] bool empty() const noexcept { return levels_ == 0; }
    /// Where the part that is tried now ends. Precondition: not empty.
    [[nodiscard]] std::size_t end() const noexcept { return ends_[levels_ - 1]; }

    /// The records from `begin` to `end` were refused: tries their first half. False: they are one
    /// record.
    bool halve(std::string_view text, std::size_t begin, std::size_t end) noexcept {
        const std::size_t half = first_half(text.substr(0, end), begin);
        if (half == end || levels_ + 2 > ends_.size()) {
            return false;
        }
        if (levels_ == 0) {
            ends_[levels_++] = end;
        }
        ends_[levels_++] = half;
        return true;
    }
    /// The part is settled: goes on with what follows it.
    void settled() noexcept {
        const std::size_t begin = levels_ == 0 ? 0 : end();
        while (levels_ != 0 && end() == begin) {
            --levels_;
        }
    }

private:
    /// Where about the first half of these records ends; the end of all if there is one record.
    static std::size_t first_half(std::string_view text, std::size_t begin) noexcept {
        const std::size_t middle = begin + (text.size() - begin) / 2;
        const std::size_t before = text.rfind('\n', middle);
        if (before != std::string_view::npos && before >= begin && before + 1 != text.size()) {
            return before + 1;
        }
        const std::size_t after = text.find('\n', middle);
        return after == std::string_view::npos ? text.size() : after + 1;
    }

    std::array<std::size_t, 40> ends_{};
    std::size_t levels_ = 0;
};

}  // namespace backends::detail
