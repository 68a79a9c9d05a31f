// SPDX-License-Identifier: BSL-1.0
//
// Delivery stage. What follows for the delivery machine from a driver's answers.
#pragma once

#include <backends/core/extremes.hpp>
#include <backends/delivery/machine.hpp>

namespace backends::inline BACKENDS_ISA {

// ---- looking up and connecting

template <class Confirmation, class Overflow, class Backoff, class Random, record_end Ends>
void delivery<Confirmation, Overflow, Backoff, Random, Ends>::resolved(
    instant now, std::uint64_t attempt, std::size_t endpoints) noexcept {
    if (endpoints == 0) {
        resolve_failed(now, attempt, make_error_code(errc::no_address));
    } else if (is_current(attempt, phase::resolving)) {
        enter(failover_.found(now, endpoints, options_));
    }
}

template <class Confirmation, class Overflow, class Backoff, class Random, record_end Ends>
void delivery<Confirmation, Overflow, Backoff, Random, Ends>::resolve_failed(
    instant now, std::uint64_t attempt, std::error_code error) noexcept {
    if (is_current(attempt, phase::resolving)) {
        failure(error);
        leave(now);
    }
}

template <class Confirmation, class Overflow, class Backoff, class Random, record_end Ends>
void delivery<Confirmation, Overflow, Backoff, Random, Ends>::connected(
    instant now, std::uint64_t attempt) noexcept {
    if (!is_current(attempt, phase::connecting)) {
        return;
    }
    enter(phase::open);
    begun_ = true;
    failover_.connected(now);
    connection_ = detail::connection<Confirmation, Ends>{now};
    std::size_t held = quarantine_.opened(queue().position(), failover_.destination());
    while (held != 0 && !account_.hold_back(held)) {
        held = quarantine_.too_few();
    }
    account_.counters.reconnects += account_.counters.connections != 0;
    ++account_.counters.connections;
}

template <class Confirmation, class Overflow, class Backoff, class Random, record_end Ends>
void delivery<Confirmation, Overflow, Backoff, Random, Ends>::connect_failed(
    instant now, std::uint64_t attempt, std::error_code error) noexcept {
    if (is_current(attempt, phase::connecting)) {
        failure(error);
        leave(now);
    }
}

/// A look-up or a connect has failed.
template <class Confirmation, class Overflow, class Backoff, class Random, record_end Ends>
void delivery<Confirmation, Overflow, Backoff, Random, Ends>::leave(instant now) noexcept {
    enter(phase_ == phase::connecting ? failover_.leave_endpoint(now, options_)
                                      : failover_.leave_destination(now));
}

// ---- a living connection

template <class Confirmation, class Overflow, class Backoff, class Random, record_end Ends>
void delivery<Confirmation, Overflow, Backoff, Random, Ends>::wrote(instant now,
                                                                    std::uint64_t attempt,
                                                                    std::size_t n,
                                                                    ack_report report) noexcept {
    if (take(now, attempt, n)) {
        connection_.measure(now, report);
        confirm(now);
    }
}

template <class Confirmation, class Overflow, class Backoff, class Random, record_end Ends>
void delivery<Confirmation, Overflow, Backoff, Random, Ends>::wrote(instant now,
                                                                    std::uint64_t attempt,
                                                                    std::size_t n) noexcept {
    if (take(now, attempt, n)) {
        confirm(now);
    }
}

/// Whether the transport took bytes of the offered ones; false for a stale answer.
template <class Confirmation, class Overflow, class Backoff, class Random, record_end Ends>
bool delivery<Confirmation, Overflow, Backoff, Random, Ends>::take(instant now,
                                                                   std::uint64_t attempt,
                                                                   std::size_t n) noexcept {
    if (!is_current(attempt, phase::open) || offered_ == 0) {
        return false;
    }
    const std::size_t taken = detail::smaller(n, std::exchange(offered_, 0));
    if (taken == 0) {
        connection_.blocked(now);
        return false;
    }
    connection_.bytes.batches += account_.write(taken);
    connection_.wrote(now, taken);
    connection_.poll_acks_soon(now, options_);
    return true;
}

template <class Confirmation, class Overflow, class Backoff, class Random, record_end Ends>
void delivery<Confirmation, Overflow, Backoff, Random, Ends>::received(
    instant, std::uint64_t attempt, std::span<const char> reply, std::size_t rejections) noexcept {
    if (is_living(attempt)) {
        connection_.received(reply.size());
        connection_.refused = connection_.refused || rejections != 0;
        account_.counters.received_bytes += reply.size();
        account_.counters.rejected += rejections;
        account_.counters.reads += !reply.empty();
    }
}

template <class Confirmation, class Overflow, class Backoff, class Random, record_end Ends>
void delivery<Confirmation, Overflow, Backoff, Random, Ends>::acknowledged(
    instant now, std::uint64_t attempt, ack_report report) noexcept {
    if (!is_living(attempt)) {
        return;
    }
    if (connection_.measure(now, report)) {
        connection_.poll_acks_soon(now, options_);
    } else if (now >= connection_.ask_at()) {  // the time raised the question, and not the lines
        connection_.poll_acks_later(now, options_);
    }
    confirm(now);
    end_if_read(now);
}

template <class Confirmation, class Overflow, class Backoff, class Random, record_end Ends>
void delivery<Confirmation, Overflow, Backoff, Random, Ends>::acknowledged_meanwhile(
    instant now, std::uint64_t attempt, ack_report report) noexcept {
    if (is_current(attempt, phase::open)) {
        if (connection_.measure(now, report)) {
            connection_.poll_acks_soon(now, options_);
        }
        confirm(now);
    }
}

template <class Confirmation, class Overflow, class Backoff, class Random, record_end Ends>
[[gnu::noinline]] void delivery<Confirmation, Overflow, Backoff, Random, Ends>::refused(
    instant now, std::uint64_t attempt, std::size_t n, ack_report report) noexcept {
    if (!is_living(attempt)) {
        return;
    }
    // What lies before the refused bytes was acknowledged in the ordinary way.
    connection_.measure(now, ack_report{report.unacknowledged.value_or(0) + n});
    confirm(now);
    const std::size_t before = connection_.kept_acknowledged(queue());
    connection_.measure(now, report);
    connection_.poll_acks_soon(now, options_);
    const amount lines = account_.reject(before, connection_.kept_acknowledged(queue()) - before);
    if (lines.lines != 0 &&
        quarantine_.confirmed(queue().position(), lines.bytes, options_.max_in_flight)) {
        drop_poison();
    }
    confirm(now);
    wait_for_end(now);
    end_if_read(now);
}

/// Lets go of what the level now counts as delivered.
template <class Confirmation, class Overflow, class Backoff, class Random, record_end Ends>
void delivery<Confirmation, Overflow, Backoff, Random, Ends>::confirm(instant now) noexcept {
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

template <class Confirmation, class Overflow, class Backoff, class Random, record_end Ends>
void delivery<Confirmation, Overflow, Backoff, Random, Ends>::drop_poison() noexcept {
    account_.drop_line(drop_reason::poison);
    quarantine_.dropped();
}

}  // namespace backends
