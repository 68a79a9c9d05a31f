// SPDX-License-Identifier: BSL-1.0
//
// Delivery stage. Fail-over: which destination and which of its addresses to try, how long each may
// take, and how long to wait after all of them have failed.
#pragma once

#include <backends/core/extremes.hpp>
#include <backends/core/time.hpp>
#include <backends/delivery/options.hpp>
#include <backends/delivery/phase.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>

namespace backends::inline BACKENDS_ISA::detail {

/// Walks the destinations in order, and the addresses of each. Several members return the phase
/// that follows for the machine. Allocates nothing.
template <class Backoff, class Random>
class failover {
    using phase = delivery_phase;

public:
    failover(const delivery_options& options, std::size_t destinations, Random random) noexcept
        : backoff_{options.min_backoff, options.max_backoff},
          random_{std::move(random)},
          destinations_{destinations} {}

    [[nodiscard]] std::size_t destination() const noexcept { return destination_; }
    [[nodiscard]] std::size_t endpoint() const noexcept { return endpoint_; }
    /// When the look-up, the connect or the wait has taken its time.
    [[nodiscard]] instant until() const noexcept { return until_; }

    /// The destination's name is being looked up.
    void look_up(instant now, const delivery_options& options) noexcept {
        until_ = now + options.resolve_timeout;
    }

    /// The name has so many addresses: the first is tried first.
    phase found(instant now, std::size_t endpoints, const delivery_options& options) noexcept {
        endpoint_ = 0;
        endpoints_ = detail::smaller(endpoints, options.max_endpoints);
        all_until_ = now + options.connect_timeout;
        share_time(now, options);
        return phase::connecting;
    }

    /// An address failed: tries the next one, if there is one and time for it.
    phase leave_endpoint(instant now, const delivery_options& options) noexcept {
        if (++endpoint_ < endpoints_ && now < all_until_) {
            share_time(now, options);
            return phase::connecting;
        }
        return leave_destination(now);
    }

    /// The destination failed, and perhaps asked for a delay: tries the next one at once; after the
    /// last, backs off and starts again with the first. The pause is the back-off, and no shorter
    /// than a delay that a destination of this round has asked for.
    phase leave_destination(instant now, nanoseconds delay = {}) noexcept {
        renewed_ = false;
        asked_for_ = detail::larger(asked_for_, now + delay);
        if (++destination_ < destinations_) {
            return phase::idle;
        }
        return restart(detail::larger(now + backoff_.next(random_), asked_for_));
    }

    /// Returns to the first destination, not before `at`.
    phase restart(instant at) noexcept {
        renewed_ = false;
        asked_for_ = {};
        destination_ = 0;
        until_ = at;
        return phase::waiting;
    }

    /// Tries the same destination again at once: it has just shown that it works. Once it has been
    /// used for `renew_every` (0: never), tries the first one instead.
    phase renew(instant now, nanoseconds renew_every) noexcept {
        if (is_due(now, renew_every)) {
            return restart(now);
        }
        renewed_ = true;
        return phase::idle;
    }
    [[nodiscard]] bool is_due(instant now, nanoseconds renew_every) const noexcept {
        return renew_every.value != 0 && now >= used_since_ + renew_every;
    }

    /// A connection is established.
    void connected(instant now) noexcept {
        used_since_ = std::exchange(renewed_, false) ? used_since_ : now;
    }
    /// A line was confirmed.
    void confirmed() noexcept { backoff_.reset(); }

private:
    // Shares the remaining time evenly among the remaining addresses, but gives none less than an
    // eighth of the whole: many dead addresses must not make every attempt too short.
    void share_time(instant now, const delivery_options& options) noexcept {
        const std::int64_t left = detail::larger<std::int64_t>((all_until_ - now).value, 0);
        const auto addresses = static_cast<std::int64_t>(endpoints_ - endpoint_);
        const std::int64_t share = left / detail::larger<std::int64_t>(addresses, 1);
        const std::int64_t least = detail::smaller(left, options.connect_timeout.value / 8);
        until_ = now + nanoseconds{detail::larger(share, least)};
    }

    Backoff backoff_;
    Random random_;
    std::size_t destinations_;
    std::size_t destination_ = 0;
    std::size_t endpoint_ = 0;
    std::size_t endpoints_ = 0;
    bool renewed_ = false;  // the next connection uses the same destination
    instant used_since_ = {};
    instant asked_for_ = {};  // by the destinations of this round
    instant until_ = instant::never();
    instant all_until_ = instant::never();
};

}  // namespace backends::detail
