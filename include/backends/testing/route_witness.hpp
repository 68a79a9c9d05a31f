// SPDX-License-Identifier: BSL-1.0
//
// Testing. Expectations on the route to a connection and on its time-outs: the order of
// destinations, the pauses between rounds, and the end of patience (D7, D12).
#pragma once

#include <backends/core/counters.hpp>
#include <backends/core/time.hpp>
#include <backends/delivery/options.hpp>
#include <backends/testing/simulated_link.hpp>
#include <backends/testing/simulated_policies.hpp>
#include <backends/testing/verdict.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace backends::inline BACKENDS_ISA::testing {

/// Watches the tried destinations, and the clock.
class route_witness {
public:
    /// All references must outlive it.
    route_witness(verdict& promises, const delivery_options& options, std::size_t destinations,
                  bool counts_unacked)
        : promises_{&promises},
          options_{&options},
          destinations_{destinations},
          counts_unacked_{counts_unacked} {}

    /// A look-up of destination `index` begins.
    void resolving(std::size_t index, instant now) noexcept {
        reach_until_ = now + options_->resolve_timeout;
        const bool turned_away = std::exchange(turned_away_, false);
        promises_->require(!all_confirmed_ || !due_ || index == 0 || turned_away,
                           "D12 a destination was used for longer than renew_every");
        is_same_ = all_confirmed_ && !due_ && index == last_ && index != 0;
        promises_->require(!turned_away || index == (last_ + 1) % destinations_,
                           "D12 a receiver that takes no lines now was not left for the next one");
        promises_->require(!stalled_ || index == (last_ + 1) % destinations_,
                           "D12 a stalled destination was not left for the next one");
        stalled_ = false;
        if (index == 0) {
            promises_->require(last_ == none || last_ + 1 == destinations_ || renewed_ || excused_,
                               "D12 back to the first destination before the others were tried");
            promises_->require(last_ == none || excused_ || renewed_ || now >= not_before_,
                               "D12 a receiver asked for more time");
            not_before_ = {};
            promises_->require(last_ == none || excused_ || now - round_ >= options_->min_backoff,
                               "D12 two rounds in less than the shortest back-off");
            round_ = now;
            excused_ = renewed_ = false;
        } else {
            promises_->require(index == last_ + 1 || (all_confirmed_ && index == last_),
                               "D12 destinations out of order");
        }
        all_confirmed_ = false;
        last_ = index;
    }

    /// A connect to an endpoint begins.
    void connecting(std::size_t endpoint, instant now) noexcept {
        if (endpoint == 0) {
            reach_until_ = now + options_->connect_timeout;  // all addresses share it
        }
    }
    /// A look-up or a connect is still under way.
    void check_reaching(instant now) const noexcept {
        promises_->require(now < reach_until_,
                           "D12 a look-up or a connect was not given up in time");
    }

    /// The receiver takes no lines now, and asks for a delay.
    void told_not_now(instant now, nanoseconds delay) noexcept {
        not_before_ = (std::max)(not_before_, now + (std::min)(delay, options_->max_delay));
        turned_away_ = true;
    }
    /// The longest time that the machine may wait between two rounds.
    [[nodiscard]] nanoseconds longest_wait() const noexcept {
        const nanoseconds longest = (std::max)(options_->max_backoff, options_->min_backoff);
        return not_before_ == instant{} ? longest : (std::max)(longest, options_->max_delay);
    }

    /// The connection was useful: the next one may go to the first destination.
    void renewed() noexcept { renewed_ = true; }
    /// The connection stalled: the next one goes to the next destination.
    void stalled(const simulated_link& link) noexcept {
        const bool waits = link.program_answers && link.reported != link.written;
        promises_->require(!waits || link.unseen == 0,
                           "D12 a destination was left as stalled where bytes still arrive");
        stalled_ = true;
    }
    /// Everything on the connection was confirmed by its end: the next one may go to the same
    /// destination, or begin a new round at once.
    void all_confirmed(instant now) noexcept {
        all_confirmed_ = excused_ = true;
        due_ = is_due(now);
    }
    /// The next round need not wait: the program stops.
    void excused() noexcept { excused_ = true; }
    /// The program stops, until `deadline`.
    void stop(instant deadline) noexcept {
        excused();
        stop_at_ = deadline;
    }
    /// The deadline has passed.
    [[nodiscard]] bool is_past_stop(instant now) const noexcept { return now >= stop_at_; }

    /// The connection is open.
    void opened(instant now) noexcept {
        used_since_ = is_same_ ? used_since_ : now;
        progress_at_ = now;
        blocked_ = false;
        reported_ = 0;
        arrivals_ = 0;
    }
    /// The driver has run. `pauses`: everything written belongs to whole batches.
    void check_renewal(bool pauses, instant now) const noexcept {
        promises_->require(!pauses || !is_due(now),
                           "D12 a connection is kept for longer than renew_every");
    }
    /// It took n bytes.
    void wrote(const simulated_link& link, std::size_t n, instant now) noexcept {
        if (link.reported == link.written - n && !blocked_) {
            progress_at_ = now;
        }
        taken_at_ = now;
        blocked_ = false;
    }
    /// It took none.
    void found_no_room(const simulated_link& link, instant now) noexcept {
        if (!blocked_ && (link.reported == link.written || !counts_unacked_)) {
            progress_at_ = now;
        }
        blocked_ = true;
    }

    /// Patience ends: a connection on which nothing is acknowledged, and nothing is
    /// seen to arrive, is left. With a transport that
    /// cannot count, taken bytes are progress.
    void check_patience(const simulated_link& link, instant now) noexcept {
        if (link.reported > reported_ || link.arrivals > arrivals_) {
            reported_ = link.reported;
            arrivals_ = link.arrivals;
            progress_at_ = now;
        }
        const bool waits = blocked_ || (counts_unacked_ && link.reported != link.written);
        const instant since = counts_unacked_ ? progress_at_ : (std::max)(progress_at_, taken_at_);
        promises_->require(!waits || now < since + options_->stall_timeout,
                           "D12 a destination without progress was not left in time");
    }

    /// Back-off: its bounds, and that only a confirmed line resets it.
    void check_backoff(const backoff_log& log, const delivery_counters& c) noexcept {
        if (log.resets != resets_) {
            resets_ = log.resets;
            promises_->require(c.confirmed.lines != confirmed_,
                               "D12 the back-off was reset without a confirmed line");
        }
        confirmed_ = c.confirmed.lines;
        if (log.delays != delays_) {
            delays_ = log.delays;
            const nanoseconds longest = (std::max)(options_->min_backoff, options_->max_backoff);
            promises_->require(log.last >= options_->min_backoff && log.last <= longest,
                               "D12 a delay out of bounds");
        }
    }

private:
    [[nodiscard]] bool is_due(instant now) const noexcept {
        return options_->renew_every.value != 0 && now >= used_since_ + options_->renew_every;
    }

    static constexpr std::size_t none = SIZE_MAX - 1;

    verdict* promises_;
    const delivery_options* options_;
    std::size_t destinations_;
    bool counts_unacked_;
    std::size_t last_ = none;
    bool renewed_ = false;
    bool excused_ = false;
    bool all_confirmed_ = false;
    bool stalled_ = false;
    bool blocked_ = false;
    bool due_ = false;      // when the last connection ended in order
    bool is_same_ = false;  // this destination is still in use
    instant used_since_{};
    instant round_{};
    instant not_before_{};      // as receivers have asked in this round
    bool turned_away_ = false;  // by the last connection
    instant reach_until_{};
    instant stop_at_ = instant::never();
    instant progress_at_{};
    instant taken_at_{};
    std::uint64_t reported_ = 0;
    std::uint64_t arrivals_ = 0;
    std::uint64_t resets_ = 0;
    std::uint64_t delays_ = 0;
    std::uint64_t confirmed_ = 0;
};

}  // namespace backends::testing
