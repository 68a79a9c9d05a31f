// SPDX-License-Identifier: BSL-1.0
//
// Delivery stage. What follows for the delivery machine from a driver's answers.
#pragma once

#include <backends/delivery/machine.hpp>

namespace backends::inline BACKENDS_ISA {

// ---- looking up and connecting

template <class Confirmation, class Overflow, class Backoff, class Random>
void delivery<Confirmation, Overflow, Backoff, Random>::resolved(instant now, std::uint64_t attempt,
                                                                 std::size_t endpoints) noexcept {
    if (endpoints == 0) {
        resolve_failed(now, attempt, make_error_code(errc::no_address));
    } else if (is_current(attempt, phase::resolving)) {
        enter(failover_.found(now, endpoints, options_));
    }
}

template <class Confirmation, class Overflow, class Backoff, class Random>
void delivery<Confirmation, Overflow, Backoff, Random>::resolve_failed(
    instant now, std::uint64_t attempt, std::error_code error) noexcept {
    if (is_current(attempt, phase::resolving)) {
        failure(error);
        leave(now);
    }
}

template <class Confirmation, class Overflow, class Backoff, class Random>
void delivery<Confirmation, Overflow, Backoff, Random>::connected(instant now,
                                                                  std::uint64_t attempt) noexcept {
    if (!is_current(attempt, phase::connecting)) {
        return;
    }
    enter(phase::open);
    begun_ = true;
    failover_.connected(now);
    connection_ = detail::connection<Confirmation>{now};
    std::size_t held = quarantine_.opened(queue().position(), failover_.destination());
    while (held != 0 && !account_.hold_back(held)) {
        held = quarantine_.too_few();
    }
    account_.counters.reconnects += account_.counters.connections != 0;
    ++account_.counters.connections;
}

template <class Confirmation, class Overflow, class Backoff, class Random>
void delivery<Confirmation, Overflow, Backoff, Random>::connect_failed(
    instant now, std::uint64_t attempt, std::error_code error) noexcept {
    if (is_current(attempt, phase::connecting)) {
        failure(error);
        leave(now);
    }
}

/// A look-up or a connect has failed.
template <class Confirmation, class Overflow, class Backoff, class Random>
void delivery<Confirmation, Overflow, Backoff, Random>::leave(instant now) noexcept {
    enter(phase_ == phase::connecting ? failover_.leave_endpoint(now, options_)
                                      : failover_.leave_destination(now));
}

// ---- a living connection

template <class Confirmation, class Overflow, class Backoff, class Random>
void delivery<Confirmation, Overflow, Backoff, Random>::wrote(instant now, std::uint64_t attempt,
                                                              std::size_t n,
                                                              ack_report report) noexcept {
    if (take(now, attempt, n)) {
        connection_.measure(now, report);
        confirm(now);
    }
}

template <class Confirmation, class Overflow, class Backoff, class Random>
void delivery<Confirmation, Overflow, Backoff, Random>::wrote(instant now, std::uint64_t attempt,
                                                              std::size_t n) noexcept {
    if (take(now, attempt, n)) {
        confirm(now);
    }
}

/// Whether the transport took bytes of the offered ones; false for a stale answer.
template <class Confirmation, class Overflow, class Backoff, class Random>
bool delivery<Confirmation, Overflow, Backoff, Random>::take(instant now, std::uint64_t attempt,
                                                             std::size_t n) noexcept {
    if (!is_current(attempt, phase::open) || offered_ == 0) {
        return false;
    }
    const std::size_t taken = (std::min)(n, std::exchange(offered_, 0));
    if (taken == 0) {
        connection_.blocked(now);
        return false;
    }
    connection_.bytes.batches += account_.write(taken);
    connection_.wrote(now, taken);
    connection_.poll_acks_soon(now, options_);
    return true;
}

template <class Confirmation, class Overflow, class Backoff, class Random>
void delivery<Confirmation, Overflow, Backoff, Random>::received(instant, std::uint64_t attempt,
                                                                 std::span<const char> reply,
                                                                 std::size_t rejections) noexcept {
    if (is_living(attempt)) {
        connection_.received(reply.size());
        connection_.refused = connection_.refused || rejections != 0;
        account_.counters.received_bytes += reply.size();
        account_.counters.rejected += rejections;
        account_.counters.reads += !reply.empty();
    }
}

template <class Confirmation, class Overflow, class Backoff, class Random>
void delivery<Confirmation, Overflow, Backoff, Random>::acknowledged(instant now,
                                                                     std::uint64_t attempt,
                                                                     ack_report report) noexcept {
    if (!is_living(attempt)) {
        return;
    }
    if (connection_.measure(now, report)) {
        connection_.poll_acks_soon(now, options_);
    } else {
        connection_.poll_acks_later(now, options_);
    }
    confirm(now);
    end_if_read(now);
}

template <class Confirmation, class Overflow, class Backoff, class Random>
void delivery<Confirmation, Overflow, Backoff, Random>::acknowledged_meanwhile(
    instant now, std::uint64_t attempt, ack_report report) noexcept {
    if (is_current(attempt, phase::open)) {
        if (connection_.measure(now, report)) {
            connection_.poll_acks_soon(now, options_);
        }
        confirm(now);
    }
}

/// Lets go of what the level now counts as delivered.
template <class Confirmation, class Overflow, class Backoff, class Random>
void delivery<Confirmation, Overflow, Backoff, Random>::confirm(instant now) noexcept {
    const std::size_t n = connection_.confirmable(queue());
    if (n == 0) {
        return;
    }
    const amount lines = account_.confirm(n);
    if (lines.lines != 0) {
        if (quarantine_.confirmed(queue().position(), lines.bytes, options_.max_in_flight)) {
            drop_poison();
        }
        failover_.confirmed();
        wait_for_end(now);
    }
}

template <class Confirmation, class Overflow, class Backoff, class Random>
void delivery<Confirmation, Overflow, Backoff, Random>::drop_poison() noexcept {
    account_.drop_line(drop_reason::poison);
    quarantine_.dropped();
}

// ---- its end

template <class Confirmation, class Overflow, class Backoff, class Random>
void delivery<Confirmation, Overflow, Backoff, Random>::end_of_stream(instant now,
                                                                      std::uint64_t attempt,
                                                                      ack_report report) noexcept {
    if (is_living(attempt)) {
        connection_.peer_ended = true;
        final_report(now, report);
        if (phase_ == phase::open) {
            lose(now, make_error_code(errc::end_of_stream));
        }
    }
}

template <class Confirmation, class Overflow, class Backoff, class Random>
void delivery<Confirmation, Overflow, Backoff, Random>::failed(instant now, std::uint64_t attempt,
                                                               std::error_code error,
                                                               ack_report report) noexcept {
    if (is_living(attempt)) {
        final_report(now, report);
        if (is_living(attempt)) {
            lose(now, error);
        }
    }
}

/// Takes the final ack report of a connection that is about to end.
template <class Confirmation, class Overflow, class Backoff, class Random>
void delivery<Confirmation, Overflow, Backoff, Random>::final_report(instant now,
                                                                     ack_report report) noexcept {
    if (report.unacknowledged) {
        connection_.measure(now, report);
        confirm(now);
    }
    connection_.poll_acks_soon(now, options_);
    end_if_read(now);
}

/// Once both sides are closed and everything is acknowledged, the peer has read everything.
template <class Confirmation, class Overflow, class Backoff, class Random>
void delivery<Confirmation, Overflow, Backoff, Random>::end_if_read(instant now) noexcept {
    if (phase_ == phase::ending && connection_.peer_ended &&
        connection_.bytes.unacknowledged == 0) {
        connection_.ended();
        confirm(now);
        close(now);
    }
}

/// While stopping, with nothing left to confirm, the peer's end of stream is a courtesy.
template <class Confirmation, class Overflow, class Backoff, class Random>
void delivery<Confirmation, Overflow, Backoff, Random>::wait_for_end(instant now) noexcept {
    if (stopping() && queue().in_flight() == 0) {
        ending_until_ = (std::min)(ending_until_, now + options_.linger);
    }
}

/// Ends the connection, which is no fault of ours. One that was useful is renewed, at most once per
/// min_backoff. One that was useless counts as a failure of its destination. So does a stalled one:
/// its successor would only fill the same peer's buffer again. A peer that closes a useful
/// connection with nothing in flight does no wrong.
template <class Confirmation, class Overflow, class Backoff, class Random>
[[gnu::noinline]] void delivery<Confirmation, Overflow, Backoff, Random>::lose(
    instant now, std::error_code why, bool stalled) noexcept {
    if (queue().in_flight() != 0 || !connection_.useful(queue()) ||
        why != make_error_code(errc::end_of_stream)) {
        failure(why);
    }
    const instant began = connection_.began;
    const bool useful = end_connection(true);
    enter(useful && !stalled ? failover_.restart(began + options_.min_backoff)
                             : failover_.leave_destination(now));
}

/// Ends the connection in order.
template <class Confirmation, class Overflow, class Backoff, class Random>
void delivery<Confirmation, Overflow, Backoff, Random>::close(instant now) noexcept {
    end_connection(false);
    enter(failover_.renew(now, options_.renew_every));
}

/// Unconfirmed lines are to be sent again. True when the connection was useful. `blame`: the peer
/// ended it, not we.
template <class Confirmation, class Overflow, class Backoff, class Random>
[[gnu::noinline]] bool delivery<Confirmation, Overflow, Backoff, Random>::end_connection(
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
template <class Confirmation, class Overflow, class Backoff, class Random>
void delivery<Confirmation, Overflow, Backoff, Random>::release(bool with_reset) noexcept {
    ++attempt_;
    release_ = with_reset ? action_kind::abort : action_kind::close;
}

}  // namespace backends
