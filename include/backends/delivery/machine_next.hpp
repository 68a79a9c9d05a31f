// SPDX-License-Identifier: BSL-1.0
//
// Delivery stage. What the delivery machine does next, in each phase and when time runs out.
#pragma once

#include <backends/core/extremes.hpp>
#include <backends/delivery/machine.hpp>

namespace backends::inline BACKENDS_ISA {

template <class Confirmation, class Overflow, class Backoff, class Random, record_end Ends>
action delivery<Confirmation, Overflow, Backoff, Random, Ends>::next(instant now) noexcept {
    const bool gives_up = living() && (now >= patience() || (stopping() && now >= stop_at_));
    if (gives_up && connection_.final_query(now, queue())) {
        return ask(now);  // the final query before the connection is closed
    }
    expire_timers(now);
    if (release_ != action_kind::none) {
        return {std::exchange(release_, action_kind::none), attempt_};
    }
    switch (phase_) {
        case phase::waiting:
            if (now < failover_.until()) {
                return {};
            }
            enter(phase::idle);
            [[fallthrough]];
        case phase::idle:
            if (queue().empty()) {
                return {};
            }
            enter(phase::resolving);
            failover_.look_up(now, options_);
            return begin(action_kind::resolve, failover_.destination());
        case phase::resolving: return {};
        case phase::connecting:
            return begun_ ? action{} : begin(action_kind::connect, failover_.endpoint());
        case phase::open:
        case phase::ending: return exchange(now);
        case phase::stopped: return {};
    }
    return {};
}

template <class Confirmation, class Overflow, class Backoff, class Random, record_end Ends>
instant delivery<Confirmation, Overflow, Backoff, Random, Ends>::deadline() const noexcept {
    instant at = stopping() && phase_ != phase::stopped ? stop_at_ : instant::never();
    if (living()) {
        at = detail::smaller(at, connection_.ask_at(),
                             detail::smaller(connection_.read_at(), patience()));
    } else if (phase_ == phase::waiting || reaching()) {
        at = detail::smaller(at, failover_.until());
    }
    if (options_.max_age.value != 0) {
        at = detail::smaller(at, queue().waiting_since() + options_.max_age);
    }
    return at;
}

template <class Confirmation, class Overflow, class Backoff, class Random, record_end Ends>
void delivery<Confirmation, Overflow, Backoff, Random, Ends>::end_batch(instant now) noexcept {
    connection_.bytes.batches += connection_.bytes.written != 0 && queue().sent() == queue().size();
    connection_.readable = true;  // look for the peer's end of stream before writing on
    account_.end_batch(now);
    in_batch_ = false;
}

template <class Confirmation, class Overflow, class Backoff, class Random, record_end Ends>
void delivery<Confirmation, Overflow, Backoff, Random, Ends>::stop(instant now,
                                                                   instant deadline) noexcept {
    stop_at_ = detail::smaller(stop_at_, deadline);
    account_.close();
    if (phase_ == phase::waiting) {
        failover_.restart(now);  // the last attempt need not wait
    }
    wait_for_end(now);
}

/// The only place that changes the phase.
template <class Confirmation, class Overflow, class Backoff, class Random, record_end Ends>
void delivery<Confirmation, Overflow, Backoff, Random, Ends>::enter(phase next) noexcept {
    transitions_ |= detail::transition_bit(phase_, next);
    phase_ = next;
    begun_ = false;
}

/// Gives out the phase's own action, as a new attempt.
template <class Confirmation, class Overflow, class Backoff, class Random, record_end Ends>
action delivery<Confirmation, Overflow, Backoff, Random, Ends>::begin(action_kind kind,
                                                                      std::size_t index) noexcept {
    begun_ = true;
    return {kind, ++attempt_, index};
}

/// The next action on a living connection.
template <class Confirmation, class Overflow, class Backoff, class Random, record_end Ends>
action delivery<Confirmation, Overflow, Backoff, Random, Ends>::exchange(instant now) noexcept {
    reading_ = connection_.may_read(now, options_);
    if (reading_) {
        return {action_kind::read, attempt_};
    }
    if (new_lines_need_room() || now >= connection_.ask_at()) {
        return ask(now);
    }
    if (phase_ == phase::ending) {
        return {};
    }
    const std::uint64_t allowance = quarantine_.allowance();
    const bool renews = failover_.is_due(now, options_.renew_every);
    if (connection_.complete(queue(), allowance) ||
        (stopping() && queue().sent() == queue().size()) ||
        (renews && connection_.bytes.written != 0 && queue().at_batch_end())) {
        enter(phase::ending);
        ending_until_ = now + options_.end_timeout;
        connection_.wait(now);
        wait_for_end(now);
        return {action_kind::half_close, attempt_};
    }
    const std::size_t most =
        renews ? queue().batch_end() - queue().sent() : (std::numeric_limits<std::size_t>::max)();
    const std::span<const char> text =
        connection_.next_write(now, queue(), most, allowance, options_);
    offered_ = text.size();
    return offered_ == 0 ? action{} : action{action_kind::write, attempt_, 0, text};
}

template <class Confirmation, class Overflow, class Backoff, class Random, record_end Ends>
action delivery<Confirmation, Overflow, Backoff, Random, Ends>::ask(instant now) noexcept {
    connection_.asked(now);
    return {action_kind::ask, attempt_};
}

/// Whether lines have come since the last look, and an acknowledgement can make the room in flight
/// or in the queue that they lack. During a cycle time stands still, and with it the pauses
/// between two questions.
template <class Confirmation, class Overflow, class Backoff, class Random, record_end Ends>
bool delivery<Confirmation, Overflow, Backoff, Random, Ends>::new_lines_need_room() noexcept {
    const std::uint64_t accepted = account_.counters.accepted.lines;
    return std::exchange(seen_, accepted) != accepted && phase_ == phase::open &&
           connection_.uncertain() && connection_.short_of_room(queue(), options_);
}

/// When the peer's time runs out: for acknowledging, or for its end of stream.
template <class Confirmation, class Overflow, class Backoff, class Random, record_end Ends>
instant delivery<Confirmation, Overflow, Backoff, Random, Ends>::patience() const noexcept {
    if (phase_ == phase::open) {
        return connection_.stalled_at(options_.stall_timeout);
    }
    return queue().in_flight() != 0 ? connection_.waiting_since() + options_.end_timeout
                                    : ending_until_;
}

/// Applies what is due: lines too old, a stop, a stall, an end of stream, a look-up, a connect.
template <class Confirmation, class Overflow, class Backoff, class Random, record_end Ends>
void delivery<Confirmation, Overflow, Backoff, Random, Ends>::expire_timers(instant now) noexcept {
    if (options_.max_age.value != 0) {
        account_.expire(now + nanoseconds{-options_.max_age.value});
    }
    if (stopping() && now >= stop_at_) {
        halt();
    } else if (living() && now >= patience()) {
        const bool open = phase_ == phase::open;
        account_.counters.stalls += open;
        if (open || queue().in_flight() != 0) {
            lose(now, make_error_code(errc::timed_out), open);
        } else {
            close(now);
        }
    } else if (reaching() && begun_ && now >= failover_.until()) {
        failure(make_error_code(errc::timed_out));
        release();
        leave(now);
    }
    if (stopping() && queue().empty() && !living()) {
        halt();
    }
}

/// Ends everything, and drops the lines that are left.
template <class Confirmation, class Overflow, class Backoff, class Random, record_end Ends>
[[gnu::noinline]] void delivery<Confirmation, Overflow, Backoff, Random, Ends>::halt() noexcept {
    if (phase_ == phase::stopped) {
        return;
    }
    if (living()) {
        end_connection(false);
    } else if (reaching()) {
        release();
    }
    account_.drop_all(drop_reason::shutdown);
    enter(phase::stopped);
}

}  // namespace backends
