// SPDX-License-Identifier: BSL-1.0
//
// Exporter: the removed charts that a cycle reads for the last time.
#pragma once

#include <backends/isa.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace backends::inline BACKENDS_ISA::detail {

/// @tparam Follower  a host's follower
///
/// Looks a chart up in O(log n). Valid until the follower's next call.
template <class Follower>
class last_readings {
    using leaving = typename Follower::leaving;

public:
    last_readings() = default;
    explicit last_readings(std::span<leaving> all) noexcept : all_{all} { sort(by_id); }

    [[nodiscard]] bool empty() const noexcept { return all_.empty(); }

    /// Whether a chart with the same id and labels was removed before this one.
    template <class Chart>
    [[nodiscard]] bool come_before(const Chart& one) const noexcept {
        const leaving* const first = first_from({&one, nullptr, 0}, by_id);
        return first != nullptr && first->chart != &one && first->chart->id() == one.id() &&
               first->chart->labels() == one.labels();
    }

    /// Call once, when the charts are read; come_before() is invalid from then on.
    void sort_to_mark() noexcept { sort(by_chart); }
    /// Marks this chart as read. False: it is not one of them.
    template <class Chart>
    bool mark(const Chart& one) noexcept {
        leaving* const found = first_from({&one, nullptr, 0}, by_chart);
        const bool is_one = found != nullptr && found->chart == &one;
        if (is_one) {
            found->is_read = true;
        }
        return is_one;
    }

private:
    using order = bool (*)(const leaving&, const leaving&) noexcept;

    /// Shell's sort: an eighth of std::sort's code; charts are removed seldom.
    [[gnu::noinline]] void sort(order before) noexcept {
        for (std::size_t step = all_.size(); step > 1;) {
            step = step * 5 / 11 | 1U;
            for (std::size_t i = step; i < all_.size(); ++i) {
                for (std::size_t j = i; j >= step && before(all_[j], all_[j - step]); j -= step) {
                    std::swap(all_[j], all_[j - step]);
                }
            }
        }
    }
    /// The first one that does not come before this, or nullptr.
    [[nodiscard, gnu::noinline]] leaving* first_from(const leaving& one,
                                                     order before) const noexcept {
        std::size_t first = 0;
        for (std::size_t n = all_.size(); n != 0; n /= 2) {
            first += before(all_[first + n / 2], one) ? n - n / 2 : 0;
        }
        return first != all_.size() ? &all_[first] : nullptr;
    }
    static bool by_chart(const leaving& one, const leaving& other) noexcept {
        return reinterpret_cast<std::uintptr_t>(one.chart) <
               reinterpret_cast<std::uintptr_t>(other.chart);
    }
    static bool by_id(const leaving& one, const leaving& other) noexcept {
        if (const int ids = one.chart->id().compare(other.chart->id()); ids != 0) {
            return ids < 0;
        }
        const int labels = one.chart->labels().packed().compare(other.chart->labels().packed());
        return labels != 0 ? labels < 0 : one.when < other.when;
    }

    std::span<leaving> all_;
};

}  // namespace backends::detail
