// SPDX-License-Identifier: BSL-1.0
//
// Exporter: the removed charts that a cycle reads for the last time.
#pragma once

#include <backends/isa.hpp>

#include <algorithm>
#include <cstdint>
#include <span>
#include <tuple>
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
        const auto first =
            std::lower_bound(all_.begin(), all_.end(), leaving{&one, nullptr, 0}, by_id);
        return first != all_.end() && first->chart != &one && first->chart->id() == one.id() &&
               first->chart->labels() == one.labels();
    }

    /// Call once, when the charts are read; come_before() is invalid from then on.
    void sort_to_mark() noexcept { sort(by_chart); }
    /// Marks this chart as read. False: it is not one of them.
    template <class Chart>
    bool mark(const Chart& one) noexcept {
        const auto found =
            std::lower_bound(all_.begin(), all_.end(), leaving{&one, nullptr, 0}, by_chart);
        const bool is_one = found != all_.end() && found->chart == &one;
        if (is_one) {
            found->is_read = true;
        }
        return is_one;
    }

private:
    using order = bool (*)(const leaving&, const leaving&) noexcept;

    /// A third of std::sort's code; charts are removed seldom.
    [[gnu::noinline]] void sort(order before) noexcept {
        std::make_heap(all_.begin(), all_.end(), before);
        std::sort_heap(all_.begin(), all_.end(), before);
    }
    static bool by_chart(const leaving& one, const leaving& other) noexcept {
        return reinterpret_cast<std::uintptr_t>(one.chart) <
               reinterpret_cast<std::uintptr_t>(other.chart);
    }
    static bool by_id(const leaving& one, const leaving& other) noexcept {
        return std::tuple{one.chart->id(), one.chart->labels().packed(), one.when} <
               std::tuple{other.chart->id(), other.chart->labels().packed(), other.when};
    }

    std::span<leaving> all_;
};

}  // namespace backends::detail
