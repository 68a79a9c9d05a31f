// SPDX-License-Identifier: BSL-1.0
//
// Exporter: the charts that a cycle is to read for the last time, because they were removed.
#pragma once

#include <backends/isa.hpp>

#include <algorithm>
#include <functional>
#include <span>
#include <utility>

namespace backends::inline BACKENDS_ISA::detail {

/// @tparam Follower  a host's follower
///
/// Looks a chart up in log(n) steps. Valid until the follower's next call.
template <class Follower>
class last_readings {
    using leaving = typename Follower::leaving;

public:
    last_readings() = default;
    explicit last_readings(std::span<leaving> all) noexcept : all_{all} {
        std::sort(all_.begin(), all_.end(), by_id);
    }

    [[nodiscard]] bool empty() const noexcept { return all_.empty(); }

    /// Whether one with the id of this chart was removed before it.
    template <class Chart>
    [[nodiscard]] bool come_before(const Chart& one) const noexcept {
        const auto first =
            std::lower_bound(all_.begin(), all_.end(), leaving{&one, nullptr, 0}, by_id);
        return first != all_.end() && first->chart != &one && first->chart->id() == one.id();
    }

    /// To be called once, when they are read, and come_before() is not asked any more.
    void sort_to_mark() noexcept { std::sort(all_.begin(), all_.end(), by_chart); }
    /// Whether this chart is one of them; then it is read.
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
    static bool by_chart(const leaving& one, const leaving& other) noexcept {
        return std::less<>{}(one.chart, other.chart);
    }
    static bool by_id(const leaving& one, const leaving& other) noexcept {
        return std::pair{one.chart->id(), one.when} < std::pair{other.chart->id(), other.when};
    }

    std::span<leaving> all_;
};

}  // namespace backends::detail
