// SPDX-License-Identifier: BSL-1.0
//
// Exporter: the numbers of a chart's series in the renderer. Mostly they are consecutive, and take
// no memory; a chart has a list only where the format refuses a series.
#pragma once

#include <backends/core/list.hpp>
#include <backends/format/series_texts.hpp>
#include <backends/isa.hpp>

#include <cstddef>
#include <cstdint>

namespace backends::inline BACKENDS_ISA::detail {

class series_numbers {
public:
    /// Stands for a series that the format cannot express.
    static constexpr std::uint32_t refused = UINT32_MAX;

    /// The place of one chart's numbers.
    struct place {
        std::uint32_t first;  // the first number, or its index in the list
        std::uint32_t size : 31;
        bool is_listed : 1;
    };

    /// The numbers of one chart's series, valid until the next add().
    class view {
    public:
        view(const std::uint32_t* listed, std::uint32_t first) noexcept
            : listed_{listed}, first_{first} {}
        /// Whether every series has a number, and the numbers are consecutive.
        [[nodiscard]] bool is_whole() const noexcept { return listed_ == nullptr; }
        /// Those from the i-th on.
        [[nodiscard]] view from(std::size_t i) const noexcept {
            return {is_whole() ? nullptr : listed_ + i, first_ + static_cast<std::uint32_t>(i)};
        }
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

    /// Numbers a chart's series: number(i) gives the number of the i-th or `refused`. When it
    /// throws, or memory runs out, `done` holds the numbers so far. The next call with it goes on
    /// there, so that number(i) gives each result once. Precondition: size > 0.
    ///
    /// @param done  empty at first; for this chart only
    template <class Number>
    place add(std::size_t size, list<std::uint32_t>& done, Number number) {
        done.reserve(size);
        while (done.size() < size) {
            done.push_back(number(done.size()));
        }
        const bool is_listed = !follow_each_other(done);
        const std::size_t first = is_listed ? listed_.size() : done[0];
        if (is_listed) {
            reserve_more(listed_, done.size());
            for (const std::uint32_t one : done) {
                listed_.push_back(one);
            }
        }
        return {static_cast<std::uint32_t>(first),
                static_cast<std::uint32_t>(size) & (UINT32_MAX >> 1U), is_listed};
    }

    /// Replaces the numbers of the charts that stay: number becomes to[number]. Allocates before it
    /// changes anything.
    ///
    /// @param each  each(f) calls f(place&) for every chart that stays
    template <class Each>
    void renumber(const list<std::uint32_t>& to, Each each) {
        list<std::uint32_t> listed;
        std::size_t size = 0;
        each([&](const place& at) { size += at.is_listed ? at.size : 0; });
        listed.reserve(size);
        each([&](place& at) {
            if (!at.is_listed) {
                at.first = to[at.first];
                return;
            }
            const std::size_t first = listed.size();
            for (std::size_t i = 0; i < at.size; ++i) {
                const std::uint32_t number = listed_[at.first + i];
                listed.push_back(number == refused ? refused : to[number]);
            }
            at.first = static_cast<std::uint32_t>(first);
        });
        listed_.swap(listed);
    }

private:
    /// False where one is refused, or where other charts were numbered between two calls of add().
    static bool follow_each_other(const list<std::uint32_t>& numbers) noexcept {
        for (std::size_t i = 1; i < numbers.size(); ++i) {
            if (numbers[i] == refused || numbers[i] != numbers[i - 1] + 1) {
                return false;
            }
        }
        return numbers[0] != refused;
    }

    list<std::uint32_t> listed_;
};

}  // namespace backends::detail
