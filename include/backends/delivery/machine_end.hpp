// SPDX-License-Identifier: BSL-1.0
//
// Delivery stage. How a connection of the delivery machine ends, and what follows.
#pragma once

#include <backends/core/extremes.hpp>
#include <backends/delivery/machine.hpp>

namespace backends::inline BACKENDS_ISA {

template <class Confirmation, class Overflow, class Backoff, class Random, record_end Ends>
void delivery<Confirmation, Overflow, Backoff, Random, Ends>::end_of_stream(
    instant now, std::uint64_t attempt, ack_report report) noexcept {
    if (is_living(attempt)) {
        connection_.peer_ended = true;
        final_report(now, report);
        if (phase_ == phase::open) {
            lose(now, make_error_code(errc::end_of_stream));
        }
    }
}

template <class Confirmation, class Overflow, class Backoff, class Random, record_end Ends>
void delivery<Confirmation, Overflow, Backoff, Random, Ends>::failed(instant now,
                                                                     std::uint64_t attempt,
                                                                     std::error_code error,
                                                                     ack_report report) noexcept {
    if (is_living(attempt)) {
        final_report(now, report);
        if (is_living(attempt)) {
            lose(now, error);
        }
    }
}

template <class Confirmation, class Overflow, class Backoff, class Random, record_end Ends>
void delivery<Confirmation, Overflow, Backoff, Random, Ends>::not_now(instant now,
                                                                      std::uint64_t attempt,
                                                                      nanoseconds delay,
                                                                      ack_report report) noexcept {
    if (is_living(attempt)) {
        final_report(now, report);
        if (is_living(attempt)) {
            lose(now, make_error_code(errc::not_now), true,
                 detail::smaller(delay, options_.max_delay));
        }
    }
}

/// Takes the final ack report of a connection that is about to end.
template <class Confirmation, class Overflow, class Backoff, class Random, record_end Ends>
void delivery<Confirmation, Overflow, Backoff, Random, Ends>::final_report(
    instant now, ack_report report) noexcept {
    if (report.unacknowledged) {
        connection_.measure(now, report);
        confirm(now);
    }
    connection_.poll_acks_soon(now, options_);
    end_if_read(now);
}

/// Once both sides are closed and everything is acknowledged, the peer has read everything.
template <class Confirmation, class Overflow, class Backoff, class Random, record_end Ends>
void delivery<Confirmation, Overflow, Backoff, Random, Ends>::end_if_read(instant now) noexcept {
    if (phase_ == phase::ending && connection_.peer_ended &&
        connection_.bytes.unacknowledged == 0) {
        connection_.ended();
        confirm(now);
        close(now);
    }
}

/// While stopping, with nothing left to confirm, the peer's end of stream is a courtesy.
template <class Confirmation, class Overflow, class Backoff, class Random, record_end Ends>
void delivery<Confirmation, Overflow, Backoff, Random, Ends>::wait_for_end(instant now) noexcept {
    if (stopping() && queue().in_flight() == 0) {
        ending_until_ = detail::smaller(ending_until_, now + options_.linger);
    }
}

/// The connection ends by itself. One that was useful is renewed, at most once per min_backoff. One
/// that was useless counts as a failure of its destination. So does one that `leaves`: after a
/// stall its successor would only fill the same peer's buffer again, and a receiver that says "not
/// now" means it. A peer that closes a useful connection with nothing in flight does no wrong.
template <class Confirmation, class Overflow, class Backoff, class Random, record_end Ends>
[[gnu::noinline]] void delivery<Confirmation, Overflow, Backoff, Random, Ends>::lose(
    instant now, std::error_code why, bool leaves, nanoseconds delay) noexcept {
    if (queue().in_flight() != 0 || !connection_.useful(queue()) ||
        why != make_error_code(errc::end_of_stream)) {
        failure(why);
    }
    const instant began = connection_.began;
    const bool useful = end_connection(why != make_error_code(errc::not_now));
    enter(useful && !leaves ? failover_.restart(began + options_.min_backoff)
                            : failover_.leave_destination(now, delay));
}

/// Ends the connection in order.
template <class Confirmation, class Overflow, class Backoff, class Random, record_end Ends>
void delivery<Confirmation, Overflow, Backoff, Random, Ends>::close(instant now) noexcept {
    end_connection(false);
    enter(failover_.renew(now, options_.renew_every));
}

/// Unconfirmed lines are to be sent again. True when the connection was useful. `blame`: the peer
/// ended it, not we.
template <class Confirmation, class Overflow, class Backoff, class Random, record_end Ends>
[[gnu::noinline]] bool delivery<Confirmation, Overflow, Backoff, Random, Ends>::end_connection(
    bool blame) noexcept {
    release(connection_.must_reset(queue()));
    account_.counters.acked_unconfirmed += connection_.in_doubt(queue());
    const bool useful = connection_.useful(queue());
    const bool blamed = blame && queue().in_flight() != 0 && connection_.confirmed(queue()) == 0;
    const std::uint64_t first = queue().position(queue().held());
    const std::uint64_t end = queue().position(queue().begun());
    account_.rewind(connection_.kept_acknowledged(queue()));
    if (blamed && quarantine_.ended(first, end, connection_.refused)) {
        drop_poison();
    }
    connection_ = {};
    return useful;
}

/// Gives up the transport's current work, `with_reset` or in order; from now on its answers are
/// late.
template <class Confirmation, class Overflow, class Backoff, class Random, record_end Ends>
void delivery<Confirmation, Overflow, Backoff, Random, Ends>::release(bool with_reset) noexcept {
    ++attempt_;
    release_ = with_reset ? action_kind::abort : action_kind::close;
}

}  // namespace backends
