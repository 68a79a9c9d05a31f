// SPDX-License-Identifier: BSL-1.0
//
// Exporter: which number a chart's series have in the renderer. They follow each other as a rule, and
// then nothing is kept of them; only where the format refuses one there is a list.
#pragma once

#include <backends/isa.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace backends::inline BACKENDS_ISA::detail {

class series_numbers {
public:
    /// Stands for a series that the format cannot express.
    static constexpr std::uint32_t refused = UINT32_MAX;

    /// Where the numbers of one chart's series are.
    struct place {
        std::uint32_t first;  // the first number, or where it is in the list
        std::uint32_t size;
        bool is_listed;
    };

    /// The numbers of one chart's series, valid until the next add().
    class view {
    public:
        view(const std::uint32_t* listed, std::uint32_t first) noexcept
            : listed_{listed}, first_{first} {}
        /// Whether all have a number and these follow each other.
        [[nodiscard]] bool is_whole() const noexcept { return listed_ == nullptr; }
        [[nodiscard]] std::uint32_t operator[](std::size_t i) const noexcept {
            return is_whole() ? first_ + static_cast<std::uint32_t>(i) : listed_[i];
        }

    private:
        const std::uint32_t* listed_;
        std::uint32_t first_;
    };
    [[nodiscard]] view of(const place& at) const noexcept {
        return {at.is_listed ? listed_.data() + at.first : nullptr, at.first};
    }

    /// Numbers a chart's series: number(i) gives the number of the i-th or `refused`; the other numbers
    /// follow each other. When it throws, or memory runs out, the next call goes on where this one
    /// stopped, so that number(i) gives a result once. Precondition: size > 0.
    template <class Number>
    place add(std::size_t size, Number number) {
        while (unplaced_.size() < size) {
            unplaced_.push_back(refused);  // what may throw comes first
            try {
                unplaced_.back() = number(unplaced_.size() - 1);
            } catch (...) {
                unplaced_.pop_back();
                throw;
            }
        }
        const bool is_listed =
            std::find(unplaced_.begin(), unplaced_.end(), refused) != unplaced_.end();
        const std::size_t first = is_listed ? listed_.size() : unplaced_.front();
        if (is_listed) {
            listed_.insert(listed_.end(), unplaced_.begin(), unplaced_.end());
        }
        unplaced_.clear();
        return {static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(size), is_listed};
    }

private:
    std::vector<std::uint32_t> listed_;
    std::vector<std::uint32_t> unplaced_;  // of the chart that is being numbered
};

}  // namespace backends::detail
