// SPDX-License-Identifier: BSL-1.0
//
// The observer's news of a chart, once a cycle: the samples without a line, and the rows that the
// chart refused or moved.
#pragma once

#include <backends/core/counters.hpp>
#include <backends/core/inline.hpp>
#include <backends/core/labels.hpp>
#include <backends/driver/observer.hpp>
#include <backends/storage/history.hpp>

#include <boost/core/no_exceptions_support.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace backends::inline BACKENDS_ISA::detail {

/// What an observer calls a chart: its id and its labels, `id;name=value`.
class told_name {
public:
    /// Allocates for labels; without memory it is the id alone.
    [[gnu::noinline]] told_name(std::string_view id, const label_list& labels) noexcept : id_{id} {
        BOOST_TRY {
            for (const label one : labels) {
                whole_.append(whole_.empty() ? id : "").append(";").append(one.name);
                whole_.append("=").append(one.value);
            }
        }
        BOOST_CATCH(...) { whole_.clear(); }
        BOOST_CATCH_END
    }
    /// The same, for a chart.
    template <class Chart>
    explicit told_name(const Chart& of) noexcept : told_name{of.id(), of.labels()} {}
    told_name(const told_name&) = delete;
    told_name& operator=(const told_name&) = delete;
    ~told_name() = default;

    [[nodiscard]] std::string_view text() const noexcept { return whole_.empty() ? id_ : whole_; }

private:
    std::string_view id_;
    std::string whole_;
};

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

/// The part of a chart's disorder that is counted and told. 32 bits are enough for a difference.
/// Every cycle compares only the sum: neither count ever goes back.
class told_disorder {
public:
    [[nodiscard]] bool differs(const disorder& now) const noexcept {
        return static_cast<std::uint32_t>(now.refused + now.clock_steps) != sum_;
    }

    /// Counts and tells what is new.
    template <class Observer>
    void tell(Observer& observer, std::string_view chart, const disorder& now,
              cycle_counters& count) noexcept {
        const auto refused = static_cast<std::uint32_t>(now.refused);
        const auto clock_steps = static_cast<std::uint32_t>(now.clock_steps);
        const std::uint32_t times = clock_steps - clock_steps_;
        const std::uint32_t rows = refused - (sum_ - clock_steps_);
        sum_ = refused + clock_steps;
        clock_steps_ = clock_steps;
        if (rows != 0) {
            count.refused_rows += rows;
            observe::refused_rows(observer, chart, rows);
        }
        if (times != 0) {
            count.clock_steps += times;
            observe::clock_steps(observer, chart, times);
        }
    }

private:
    std::uint32_t sum_ = 0;
    std::uint32_t clock_steps_ = 0;  // part of sum_
};

/// What tell_reading() does where there is something to tell: names and strings stay out of the hot
/// path's function.
template <class Observer>
[[gnu::noinline]] void tell_found(std::string_view id, const label_list& labels,
                                  std::uint64_t overrun, std::uint64_t not_finite,
                                  told_disorder& told, const disorder& now, cycle_counters& count,
                                  Observer& observer) noexcept {
    const told_name name{id, labels};
    count.overrun += overrun;
    count.not_finite += not_finite;
    tell_lost(observer, name.text(), overrun, not_finite);
    told.tell(observer, name.text(), now, count);
}

/// Counts and tells what one reading of a chart found; mostly that is nothing.
template <class Chart, class Observer>
BACKENDS_INLINE inline void tell_reading(const Chart& of, std::uint64_t overrun,
                                         std::uint64_t not_finite, told_disorder& told,
                                         cycle_counters& count, Observer& observer) noexcept {
    if ((overrun | not_finite) != 0 || told.differs(of.disorder())) [[unlikely]] {
        tell_found(of.id(), of.labels(), overrun, not_finite, told, of.disorder(), count, observer);
    }
}

}  // namespace backends::detail
