// SPDX-License-Identifier: BSL-1.0
//
// Series with equal texts, which receivers cannot tell apart. The text index has the first of them;
// if that one goes, another must replace it.
#pragma once

#include <backends/core/list.hpp>
#include <backends/format/series_texts.hpp>

#include <cstddef>
#include <cstdint>

namespace backends::inline BACKENDS_ISA::detail {

/// Numbered texts in circular lists of equal ones. Uses no memory until two texts are equal, then
/// 12 bytes per text.
class text_twins {
public:
    static constexpr std::uint32_t nobody = UINT32_MAX;

    /// Makes room for the next text, whose number is `next`. Allocates.
    void reserve_one(std::uint32_t next, bool has_twin) {
        if (!circles_.empty()) {
            reserve_more(circles_, 1);
        } else if (has_twin) {
            circles_.reserve(std::size_t{next} + 1);
            for (std::uint32_t i = 0; i < next; ++i) {
                add({i, i, false});
            }
        }
    }
    /// Precondition of both: reserve_one(number, ...).
    void add_alone(std::uint32_t number) noexcept {
        if (!circles_.empty()) {
            add({number, number, false});
        }
    }
    void join(std::uint32_t number, std::uint32_t first) noexcept {
        const std::uint32_t next = circles_[first].next;
        add({first, next, true});
        circles_[next].before = number;
        circles_[first].next = number;
        ++later_;
    }

    /// Returns the text's new representative if `number` was it: another number, or `number` itself
    /// if no other is left. Otherwise returns nobody.
    std::uint32_t remove(std::uint32_t number) noexcept {
        if (circles_.empty() || circles_[number].next == number) {
            return number;
        }
        const place gone = circles_[number];
        circles_[gone.before].next = gone.next;
        circles_[gone.next].before = gone.before;
        circles_[number] = {number, number, false};
        --later_;
        if (gone.is_later) {
            return nobody;
        }
        circles_[gone.next].is_later = false;
        return gone.next;
    }

    /// Renumbers every text to to[number], which keeps their order; nobody removes a text.
    /// Precondition: a text to remove has no twin.
    void keep(const list<std::uint32_t>& to) noexcept {
        std::size_t kept = 0;
        for (std::size_t i = 0; i < circles_.size(); ++i) {
            if (const place& one = circles_[i]; to[i] != nobody) {
                circles_[kept++] = {to[one.before], to[one.next], one.is_later};
            }
        }
        circles_.truncate(later_ == 0 ? 0 : kept);
        release_excess(circles_);
    }

    /// The number of texts with an equal earlier one.
    [[nodiscard]] std::size_t later() const noexcept { return later_; }
    [[nodiscard]] bool is_later(std::uint32_t number) const noexcept {
        return !circles_.empty() && circles_[number].is_later;
    }

private:
    struct place {
        std::uint32_t before;
        std::uint32_t next;
        bool is_later;
    };

    [[gnu::noinline]] void add(place one) { circles_.push_back(one); }

    list<place> circles_;
    std::size_t later_ = 0;
};

}  // namespace backends::detail
