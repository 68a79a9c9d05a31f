// SPDX-License-Identifier: BSL-1.0
//
// What the observer hears of a chart, once a cycle: what no line has, and what the chart did not
// take as it was given.
#pragma once

#include <backends/core/counters.hpp>
#include <backends/exporter/observer.hpp>
#include <backends/storage/history.hpp>

#include <cstdint>
#include <string_view>

namespace backends::inline BACKENDS_ISA::detail {

template <class Observer>
[[gnu::noinline]] void tell_lost(Observer& observer, std::string_view chart, std::uint64_t overrun,
                                 std::uint64_t not_finite) noexcept {
    if (overrun != 0) {
        observe::overrun(observer, chart, overrun);
    }
    if (not_finite != 0) {
        observe::not_finite(observer, chart, not_finite);
    }
}

/// What was counted and told of a chart's disorder so far; in so few bits that a difference is
/// right.
class told_disorder {
public:
    [[nodiscard]] bool differs(const disorder& now) const noexcept {
        return static_cast<std::uint32_t>(now.refused) != refused_ ||
               static_cast<std::uint32_t>(now.clock_steps) != clock_steps_;
    }

    /// Counts and tells what is new.
    template <class Observer>
    [[gnu::noinline]] void tell(Observer& observer, std::string_view chart, const disorder& now,
                                cycle_counters& count) noexcept {
        if (const std::uint32_t rows = take(refused_, now.refused); rows != 0) {
            count.refused_rows += rows;
            observe::refused_rows(observer, chart, rows);
        }
        if (const std::uint32_t times = take(clock_steps_, now.clock_steps); times != 0) {
            count.clock_steps += times;
            observe::clock_steps(observer, chart, times);
        }
    }

private:
    static std::uint32_t take(std::uint32_t& before, std::uint64_t now) noexcept {
        const auto more = static_cast<std::uint32_t>(now) - before;
        before += more;
        return more;
    }

    std::uint32_t refused_ = 0;
    std::uint32_t clock_steps_ = 0;
};

}  // namespace backends::detail
