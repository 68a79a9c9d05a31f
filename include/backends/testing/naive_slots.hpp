// SPDX-License-Identifier: BSL-1.0
//
// Testing. A second implementation, without a ring, of the rows that a chart must take and the
// slots that they go into, whatever its clock does.
#pragma once

#include <backends/core/time.hpp>
#include <backends/isa.hpp>

#include <cstdint>

namespace backends::inline BACKENDS_ISA::testing {

/// The slots of one chart with the default `allowed_lateness`.
class naive_slots {
public:
    /// An empty chart.
    naive_slots(seconds update_every, std::int64_t capacity)
        : every_{update_every.value}, capacity_{capacity} {}

    /// The number of slots so far, gaps included.
    [[nodiscard]] std::int64_t size() const noexcept { return size_; }
    /// The number of the oldest kept slot, from 0 on.
    [[nodiscard]] std::int64_t oldest() const noexcept {
        return size_ > capacity_ ? size_ - capacity_ : 0;
    }
    [[nodiscard]] std::uint64_t refused() const noexcept { return refused_; }  ///< rows
    /// How often the clock was set back.
    [[nodiscard]] std::uint64_t clock_steps() const noexcept { return clock_steps_; }
    /// How often times started anew, after a step or a long jump.
    [[nodiscard]] std::uint64_t stretches() const noexcept { return stretches_; }

    /// Whether the chart takes a row of this time, which makes its slot the newest.
    ///
    /// @param now  the time of the machine's clock
    bool take(unix_seconds at, unix_seconds now) noexcept {
        const std::int64_t off = at - newest_ + every_ / 2;
        const std::int64_t slots_on = off / every_ - (off % every_ < 0 ? 1 : 0);
        const bool is_due = size_ != 0 && slots_on == 1;
        const bool is_back = size_ != 0 && slots_on < 1;
        const std::int64_t late = every_ < 2 ? 5 : 3;
        if (!is_due && (at - now > 86'400 || (is_back && 1 - slots_on <= late))) {
            ++refused_;
            return false;
        }
        if (size_ != 0 && !is_back && slots_on - 1 <= capacity_ / 2) {
            newest_ += slots_on * every_;
            size_ += slots_on;
        } else {
            clock_steps_ += is_back ? 1 : 0;
            ++stretches_;
            newest_ = at;
            ++size_;
        }
        return true;
    }

private:
    std::int64_t every_;
    std::int64_t capacity_;
    std::int64_t size_ = 0;
    unix_seconds newest_ = 0;  // the time of the newest slot
    std::uint64_t refused_ = 0;
    std::uint64_t clock_steps_ = 0;
    std::uint64_t stretches_ = 0;
};

}  // namespace backends::inline BACKENDS_ISA::testing
