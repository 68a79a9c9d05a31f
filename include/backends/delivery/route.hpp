// SPDX-License-Identifier: BSL-1.0
//
// Delivery stage. The route to a connection: destinations in order, the addresses of each, the time
// that each may take, and the delay after all of them have failed. Attempt numbers tell late
// answers from current ones.
#pragma once

#include <backends/core/time.hpp>
#include <backends/delivery/action.hpp>
#include <backends/delivery/backoff.hpp>
#include <backends/delivery/options.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace backends::inline BACKENDS_ISA::detail {

template <class Backoff, class Random>
class route {
public:
    route(const delivery_options& options, std::size_t destinations, Random random) noexcept
        : backoff_{options.min_backoff, options.max_backoff},
          random_{std::move(random)},
          destinations_{destinations} {}

    /// The machine's phase. The route itself moves between the first four.
    delivery_phase phase = delivery_phase::idle;

    [[nodiscard]] bool reaching() const noexcept {
        return phase == delivery_phase::resolving || phase == delivery_phase::connecting;
    }
    [[nodiscard]] std::uint64_t attempt() const noexcept { return attempt_; }
    [[nodiscard]] std::size_t destination() const noexcept { return destination_; }
    [[nodiscard]] bool is_current(std::uint64_t attempt, delivery_phase wanted) const noexcept {
        return attempt == attempt_ && phase == wanted && issued_;
    }

    /// The next step towards a connection, when there is something to send.
    action next(instant now, bool something, const delivery_options& options) noexcept {
        if (phase == delivery_phase::waiting && now >= until_) {
            phase = delivery_phase::idle;
        }
        if (phase == delivery_phase::idle && something) {
            start(delivery_phase::resolving);
        }
        if (!reaching() || issued_) {
            return {};
        }
        issued_ = true;
        ++attempt_;
        if (phase == delivery_phase::connecting) {
            return {action_kind::connect, attempt_, endpoint_};
        }
        until_ = now + options.resolve_timeout;
        return {action_kind::resolve, attempt_, destination_};
    }

    /// When the running look-up or connect, or the back-off, has taken its time.
    [[nodiscard]] instant deadline() const noexcept {
        return phase == delivery_phase::waiting || reaching() ? until_ : instant::never();
    }
    [[nodiscard]] bool overdue(instant now) const noexcept {
        return reaching() && issued_ && now >= until_;
    }

    void resolved(instant now, std::size_t endpoints, const delivery_options& options) noexcept {
        endpoint_ = 0;
        endpoints_ = (std::min)(endpoints, options.max_endpoints);
        all_until_ = now + options.connect_timeout;
        share_time(now, options);
        start(delivery_phase::connecting);
    }

    /// This attempt failed: tries the destination's next address, if there is one and time for it.
    void leave(instant now, const delivery_options& options) noexcept {
        if (phase == delivery_phase::connecting && ++endpoint_ < endpoints_ && now < all_until_) {
            share_time(now, options);
            start(delivery_phase::connecting);
        } else {
            leave_destination(now);
        }
    }

    /// This destination failed: tries the next one at once; after the last, backs off and starts
    /// again with the first.
    void leave_destination(instant now) noexcept {
        renewed_ = false;
        if (++destination_ < destinations_) {
            phase = delivery_phase::idle;
        } else {
            wait_until(now + backoff_.next(random_));
        }
    }

    /// Returns to the first destination, not before `at`.
    void wait_until(instant at) noexcept {
        renewed_ = false;
        destination_ = 0;
        until_ = at;
        phase = delivery_phase::waiting;
    }

    /// Tries the same destination again at once: it has just shown that it works. Once it has been
    /// used for `renew_every` (0: never), tries the first one instead.
    void renew(instant now, nanoseconds renew_every) noexcept {
        if (is_due(now, renew_every)) {
            wait_until(now);
        } else {
            phase = delivery_phase::idle;
            renewed_ = true;
        }
    }
    [[nodiscard]] bool is_due(instant now, nanoseconds renew_every) const noexcept {
        return renew_every.value != 0 && now >= used_since_ + renew_every;
    }
    /// A connection is established.
    void connected(instant now) noexcept {
        phase = delivery_phase::open;
        used_since_ = std::exchange(renewed_, false) ? used_since_ : now;
    }

    /// A line was confirmed.
    void confirmed() noexcept { backoff_.reset(); }

    /// Gives up the transport's current work, `with_reset` or in order; from now on its answers are
    /// late.
    void release(bool with_reset = false) noexcept {
        ++attempt_;
        release_ = with_reset ? action_kind::abort : action_kind::close;
    }
    [[nodiscard]] bool releases() const noexcept { return release_ != action_kind::none; }
    action close() noexcept { return {std::exchange(release_, action_kind::none), attempt_}; }

private:
    void start(delivery_phase next) noexcept {
        phase = next;
        issued_ = false;
    }

    // Shares the remaining time evenly among the remaining addresses, but gives none less than an
    // eighth of the whole: many dead addresses must not make every attempt too short.
    void share_time(instant now, const delivery_options& options) noexcept {
        const std::int64_t left = (std::max<std::int64_t>)((all_until_ - now).value, 0);
        const auto addresses = static_cast<std::int64_t>(endpoints_ - endpoint_);
        const std::int64_t share = left / (std::max<std::int64_t>)(addresses, 1);
        const std::int64_t least = (std::min)(left, options.connect_timeout.value / 8);
        until_ = now + nanoseconds{(std::max)(share, least)};
    }

    Backoff backoff_;
    Random random_;
    std::size_t destinations_;
    std::size_t destination_ = 0;
    std::size_t endpoint_ = 0;
    std::size_t endpoints_ = 0;
    std::uint64_t attempt_ = 0;
    bool issued_ = false;
    action_kind release_ = action_kind::none;
    bool renewed_ = false;  // the next connection uses the same destination
    instant used_since_ = {};
    instant until_ = instant::never();
    instant all_until_ = instant::never();
};

}  // namespace backends::detail
