// SPDX-License-Identifier: BSL-1.0
//
// When the cycles of an exporter are due, and how they are stamped. The steady clock decides when
// they are due. The system's clock decides where the periods begin, and so the stamps: once at the
// start, and again after it was set. Nothing else moves one clock against the other.
#pragma once

#include <backends/core/extremes.hpp>
#include <backends/core/joined.hpp>
#include <backends/core/text_index.hpp>
#include <backends/core/time.hpp>
#include <backends/driver/clock.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace backends::inline BACKENDS_ISA {

/// Both clocks at one moment.
struct clock_reading {
    instant steady;           ///< for schedules
    unix_seconds system = 0;  ///< for stamps

    /// Clamped to 36 billion years either way, so that nothing later overflows.
    template <clock Clock>
    [[gnu::noinline]] static clock_reading now() noexcept {
        constexpr unix_seconds latest = std::int64_t{1} << 60;
        return {Clock::steady_now(), detail::clamped(Clock::system_now(), -latest, latest)};
    }
};

/// When in a period a host's cycles are due, in [0, period). Each host has a phase of its own, so
/// that a thousand hosts do not write at the same instant.
inline nanoseconds cycle_phase(const std::string& hostname, const std::string& prefix,
                               seconds period) {
    const std::uint32_t hash = detail::hash_bytes(detail::joined({hostname, "\n", prefix}));
    return nanoseconds{
        static_cast<std::int64_t>(static_cast<double>(nanoseconds{period}.value) * 0x1p-32 * hash)};
}

/// The cycles of one exporter, one after the other.
///
/// Aligned, a cycle belongs to one period of Unix time, [stamp, stamp + period), and is due at
/// stamp + phase. Each period has one cycle, as long as cycles are less than one and a half periods
/// late: a late one still belongs to its own period, and the next follows after half a period at
/// the earliest. Later cycles are missed, and folded into the newest. When the system's clock is
/// set, the stamps follow it. If it went back by three periods or less, cycles wait, so that no
/// period is written twice; if it went back further, they follow at once.
///
/// Not aligned, cycles are due every period from the start on and carry the system's time. No two
/// cycles ever have one stamp unless the clock was set back by more than three periods.
class schedule {
public:
    /// A cycle that is due.
    struct cycle {
        unix_seconds stamp = 0;    ///< of its lines
        std::uint64_t missed = 0;  ///< cycles that were due before this one and did not run
    };

    /// Precondition: 1 <= period <= a year; 0 <= phase < period.
    ///
    /// @param last  the newest stamp that is taken already, if there is one
    schedule(seconds period, bool aligned, nanoseconds phase,
             std::optional<unix_seconds> last = std::nullopt) noexcept
        : period_{period}, phase_{phase}, aligned_{aligned}, last_{last} {}

    /// The first cycle is due within one period, or within one of the last stamp's.
    void start(instant now, clock_reading clocks) noexcept {
        settle(now, clocks);
        go_on(1);
        if (is_taken() && *last_ - stamp_ <= max_waiting()) {
            go_behind_last();
        } else if (is_taken()) {
            last_.reset();  // the clock was set back meanwhile
        }
        due_ = nominal_;
    }

    /// When take() has a cycle to run, or a clock to read. Never, before start().
    [[nodiscard]] instant due() const noexcept { return due_; }

    /// The cycle to run now; none when the clock was set back and its period is written already.
    /// Precondition: now >= due().
    std::optional<cycle> take(instant now, clock_reading clocks) noexcept {
        if (const auto late = (now - nominal_).value; late >= length() / 2 * 3) {
            missed_ += static_cast<std::uint64_t>(late / length());
            go_on(late / length());
        }
        const bool was_set = notice(now, clocks);
        if (was_set && is_taken() && *last_ - stamp_ <= max_waiting()) {
            go_behind_last();
            if (!std::exchange(waits_, true)) {
                due_ = nominal_;
                return std::nullopt;
            }
            // Waits once only: a clock that is set back again and again must not silence it.
        }
        waits_ = false;
        const unix_seconds stamp = aligned_ ? stamp_ : unaligned(clocks.system);
        go_on(1);
        due_ = detail::larger(nominal_, now + nanoseconds{length() / 2});
        return cycle{give(stamp), std::exchange(missed_, 0)};
    }

    /// The last cycle, at any time: it has the stamp of the current period, or of the next one if
    /// the current one had a cycle already.
    cycle take_last(instant now, clock_reading clocks) noexcept {
        const bool was_set = notice(now, clocks);
        if (!aligned_) {
            return {give(unaligned(clocks.system)), 0};
        }
        // How much of the next cycle's period has passed, and which period it is now.
        const std::int64_t since = (now - nominal_).value;
        const std::int64_t whole = since / length() - (since % length() < 0 ? 1 : 0);
        const bool behind_its_end = since - whole * length() + phase_.value >= length();
        unix_seconds stamp = stamp_ + (whole + (behind_its_end ? 1 : 0)) * period_.value;
        if (last_ && stamp <= *last_ && !(was_set && *last_ - stamp > max_waiting())) {
            stamp += ((*last_ - stamp) / period_.value + 1) * period_.value;
        }
        return {give(stamp), 0};
    }

    /// The stamp of the newest cycle, if there was one.
    [[nodiscard]] std::optional<unix_seconds> last() const noexcept { return last_; }

    /// How often the system's clock was seen to be set, and by how much the last time.
    [[nodiscard]] std::uint64_t clock_sets() const noexcept { return clock_sets_; }
    [[nodiscard]] seconds last_set_by() const noexcept { return set_by_; }  ///< see clock_sets()

private:
    [[nodiscard]] std::int64_t length() const noexcept { return nanoseconds{period_}.value; }
    [[nodiscard]] std::int64_t max_waiting() const noexcept { return 3 * period_.value; }

    /// Whether the period of the next cycle is written already.
    [[nodiscard]] bool is_taken() const noexcept { return aligned_ && last_ && stamp_ <= *last_; }
    [[gnu::noinline]] void go_behind_last() noexcept {
        go_on((*last_ - stamp_) / period_.value + 1);
    }

    /// Moves on by so many periods. Instants saturate; no real stamp is that far away.
    void go_on(std::int64_t periods) noexcept {
        nominal_ = nominal_ + nanoseconds{length() * periods};
        stamp_ += period_.value * periods;
    }

    /// Makes the newest period that is due the next one.
    [[gnu::noinline]] void settle(instant now, clock_reading clocks) noexcept {
        settled_ = clocks;
        if (!aligned_) {
            nominal_ = now;
            return;
        }
        const std::int64_t rest = settled_.system % period_.value;
        const std::int64_t passed = rest < 0 ? rest + period_.value : rest;
        stamp_ = settled_.system - passed;
        const nanoseconds since_due = nanoseconds{seconds{passed}} - phase_;
        nominal_ = now + nanoseconds{-since_due.value};
        if (nominal_ > now) {
            go_on(-1);
        }
    }

    /// Whether the system's clock was set. It is read in whole seconds, so a smaller difference
    /// says nothing; a difference that is small compared to a period does no harm.
    [[gnu::noinline]] bool notice(instant now, clock_reading clocks) noexcept {
        const std::int64_t system = clocks.system - settled_.system;
        const nanoseconds steady = clocks.steady - settled_.steady;
        const std::int64_t moved = system - steady.value / 1'000'000'000;
        const std::int64_t harmless = 1'000'000'000 + length() / 4;
        if (-decades < moved && moved < decades) {
            const nanoseconds exactly = nanoseconds{seconds{system}} - steady;
            if (-harmless < exactly.value && exactly.value < harmless) {
                return false;
            }
        }
        ++clock_sets_;
        set_by_ = seconds{moved};
        if (aligned_) {
            settle(now, clocks);
        } else {
            settled_ = clocks;
        }
        return true;
    }

    /// The system's time, in a second that no cycle had before: of two values with one time a
    /// receiver keeps the last, or refuses it. A stop, or a late cycle, may fall into the second of
    /// the cycle before.
    [[nodiscard]] unix_seconds unaligned(unix_seconds now) const noexcept {
        const bool had = last_ && now <= *last_ && *last_ - now <= max_waiting();
        return had ? *last_ + 1 : now;
    }

    unix_seconds give(unix_seconds stamp) noexcept {
        last_ = stamp;
        return stamp;
    }

    static constexpr std::int64_t decades = std::int64_t{1} << 30;  // fits in nanoseconds

    seconds period_;
    nanoseconds phase_;
    bool aligned_;

    // The next cycle: its stamp, its nominal time, and its time after a late cycle.
    unix_seconds stamp_ = 0;
    instant nominal_ = instant::never();
    instant due_ = instant::never();
    std::uint64_t missed_ = 0;
    bool waits_ = false;

    std::optional<unix_seconds> last_;
    clock_reading settled_;
    std::uint64_t clock_sets_ = 0;
    seconds set_by_;
};

}  // namespace backends
