// SPDX-License-Identifier: BSL-1.0
//
// Testing. An independent check of an exporter's cycles: it knows when they ran and the stamps of
// their lines, and nothing of how the exporter decides.
#pragma once

#include <backends/core/time.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>

namespace backends::inline BACKENDS_ISA::testing {

/// Not thread-safe.
class schedule_witness {
public:
    /// As the exporter's options.
    schedule_witness(seconds period, bool aligned) noexcept : period_{period}, aligned_{aligned} {}

    /// The exporter is driven from now on.
    void begin(instant now) noexcept {
        last_run_ = now;
        nominal_ = due_ = now + nanoseconds{period_};
    }

    /// Whether the cycle was right to run, or not to run, when the exporter was called.
    bool may_be(instant now, bool ran) noexcept {
        const bool right = aligned_ ? may_be_aligned(now, ran) : is_due(now) == ran;
        if (ran) {
            last_run_ = now;
            is_first_ = false;
        }
        return right;
    }

    /// Whether a cycle's lines may have this stamp. None: the cycle had no lines to show it.
    bool may_be_stamped(std::optional<unix_seconds> stamp, unix_seconds system) noexcept {
        const std::int64_t period = period_.value;
        bool right = true;
        if (stamp) {
            right = stamp_known_ && *stamp <= stamp_ ? stamp_ - *stamp > 3 * period : true;
            right = right && (aligned_ ? *stamp % period == 0 : *stamp >= system) &&
                    *stamp - system <= 4 * period;
            stamp_ = *stamp;
        }
        stamp_known_ = stamp.has_value();
        return right;
    }

    /// Unaligned cycles that were due and did not run.
    [[nodiscard]] std::uint64_t missed() const noexcept { return missed_; }

private:
    [[nodiscard]] std::int64_t length() const noexcept { return nanoseconds{period_}.value; }

    /// Two cycles are at least half a period apart. A due cycle runs, unless the clock was set
    /// back: then it waits once, until up to three written periods are over and the next one's
    /// phase has come.
    [[nodiscard]] bool may_be_aligned(instant now, bool ran) noexcept {
        const std::int64_t since = (now - last_run_).value;
        if (ran) {
            waits_since_.reset();
            return is_first_ || since >= length() / 2;
        }
        if (!waits_since_ && 2 * since >= 3 * length()) {
            waits_since_ = now;
        }
        return !waits_since_ || (now - *waits_since_).value < 4 * length();
    }

    [[nodiscard]] bool is_due(instant now) noexcept {
        if (now < due_) {
            return false;
        }
        const std::int64_t late = (now - nominal_).value;
        const std::int64_t missed = 2 * late >= 3 * length() ? late / length() : 0;
        missed_ += static_cast<std::uint64_t>(missed);
        nominal_ = nominal_ + nanoseconds{length() * (missed + 1)};
        due_ = (std::max)(nominal_, now + nanoseconds{length() / 2});
        return true;
    }

    seconds period_;
    bool aligned_;
    bool is_first_ = true;
    instant last_run_;
    std::optional<instant> waits_since_;
    instant nominal_;  // when the next unaligned cycle should run
    instant due_;      // when it runs after a late one
    std::uint64_t missed_ = 0;
    unix_seconds stamp_ = 0;
    bool stamp_known_ = false;
};

}  // namespace backends::testing
