// SPDX-License-Identifier: BSL-1.0
//
// Finds the records that a receiver refuses, where it refuses whole bodies: halves what was
// refused, down to single records.
#pragma once

#include <backends/core/record_ends.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace backends::inline BACKENDS_ISA::detail {

/// The bytes of the first n of these whole records, or of all.
template <class Ends>
std::size_t bytes_of(std::string_view text, std::uint64_t n) noexcept {
    std::string_view rest = text;
    for (; n != 0 && !rest.empty(); --n) {
        rest.remove_prefix(Ends::first(rest));
    }
    return text.size() - rest.size();
}

/// A stack of ends: the top one ends the part that is tried now, those below it end what was
/// refused as a whole.
///
/// @tparam Ends  the record_ends of the records
template <class Ends>
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
        const std::size_t half = begin + Ends::half(text.substr(begin, end - begin));
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
    std::array<std::size_t, 40> ends_{};
    std::size_t levels_ = 0;
};

}  // namespace backends::detail
