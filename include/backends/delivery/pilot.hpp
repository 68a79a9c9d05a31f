// SPDX-License-Identifier: BSL-1.0
//
// Delivery stage. The decisions of the delivery machine: what to do next on a living connection,
// how long to wait for the peer, and what follows when a connection ends.
#pragma once

#include <backends/core/counters.hpp>
#include <backends/core/errors.hpp>
#include <backends/core/time.hpp>
#include <backends/delivery/action.hpp>
#include <backends/delivery/options.hpp>
#include <backends/delivery/route.hpp>
#include <backends/delivery/shipment.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <system_error>
#include <utility>

namespace backends::inline BACKENDS_ISA::detail {

template <class Confirmation, class Overflow, class Backoff, class Random>
class pilot {
    using phase = delivery_phase;

public:
    pilot(const delivery_options& options, std::size_t destinations, Random random)
        : bytes{checked(options, Confirmation::holds), (std::max<std::size_t>)(destinations, 1)},
          route{options, (std::max<std::size_t>)(destinations, 1), std::move(random)} {}

    shipment<Confirmation, Overflow> bytes;
    detail::route<Backoff, Random> route;
    delivery_failure last;    ///< the last failure counted
    bool untold = false;      ///< take_failure() has not given it out yet
    std::size_t offered = 0;  ///< bytes of the write action whose answer is awaited
    bool reading = false;     ///< the last action was a read
    bool stopping = false;
    instant stop_at = instant::never();

    [[nodiscard]] const delivery_options& options() const noexcept { return bytes.options(); }
    [[nodiscard]] delivery_counters& account() noexcept { return bytes.ledger.counters; }

    [[nodiscard]] bool living() const noexcept {
        return route.phase == phase::open || route.phase == phase::ending;
    }
    [[nodiscard]] bool is_living(std::uint64_t attempt) const noexcept {
        return living() && attempt == route.attempt();
    }
    void failure(std::error_code why) noexcept {
        last = {route.destination(), why};
        untold = true;
        ++account().failures;
    }

    // ---- the next action

    action next(instant now) noexcept {
        if (gives_up(now) && bytes.stream.final_query(now)) {
            return ask(now);  // the final query before the connection is closed
        }
        bytes.expire(now);
        settle(now);
        if (route.releases()) {
            return route.close();
        }
        return living() ? exchange(now) : route.next(now, !bytes.queue().empty(), options());
    }

    [[nodiscard]] instant deadline() const noexcept {
        instant at = stopping && route.phase != phase::stopped ? stop_at : instant::never();
        if (living()) {
            at = (std::min)({at, bytes.stream.ask_at(), bytes.stream.read_at(), patience()});
        }
        return (std::min)({at, route.deadline(), bytes.expires_at()});
    }

    // ---- what follows from an event

    /// `any`: whether the event confirmed lines.
    void confirm(bool any, instant now) noexcept {
        if (any) {
            route.confirmed();
            linger(now);
        }
    }

    /// Takes the final ack report of a connection that is about to end.
    void last_words(instant now, ack_report report) noexcept {
        if (report.unacknowledged) {
            confirm(bytes.measure(now, report), now);
        }
        bytes.stream.poll_acks_soon(now, options());
        end_if_read(now);
    }

    /// Once both sides are closed and everything is acknowledged, the peer has read everything.
    void end_if_read(instant now) noexcept {
        if (route.phase == phase::ending && bytes.stream.peer_ended &&
            bytes.stream.bytes.unacknowledged == 0) {
            if (bytes.ended()) {
                route.confirmed();
            }
            close(now);
        }
    }

    /// Ends the connection. One that was useful is renewed, at most once per min_backoff. One that
    /// was useless counts as a failure of its destination. So does a stalled one: its successor
    /// would only fill the same peer's buffer again. A peer that closes a useful connection with
    /// nothing in flight does no wrong.
    void lose(instant now, std::error_code why, bool stalled = false) noexcept {
        if (bytes.in_flight() || !bytes.useful() || why != make_error_code(errc::end_of_stream)) {
            failure(why);
        }
        const instant began = bytes.stream.began;
        route.release(bytes.must_reset());
        if (bytes.over(true) && !stalled) {
            route.wait_until(began + options().min_backoff);
        } else {
            route.leave_destination(now);
        }
    }

    /// While stopping, with nothing left to confirm, the peer's end of stream is a courtesy.
    [[gnu::noinline]] void linger(instant now) noexcept {
        if (stopping && !bytes.in_flight()) {
            ending_until_ = (std::min)(ending_until_, now + options().linger);
        }
    }

private:
    action exchange(instant now) noexcept {
        const std::uint64_t attempt = route.attempt();
        reading = bytes.stream.may_read(now, options());
        if (reading) {
            return {action_kind::read, attempt};
        }
        if (now >= bytes.stream.ask_at()) {
            return ask(now);
        }
        if (route.phase == phase::ending) {
            return {};
        }
        const bool renews = route.is_due(now, options().renew_every);
        if (bytes.complete() || (stopping && bytes.all_written()) ||
            (renews && bytes.stream.bytes.written != 0 && bytes.queue().at_batch_end())) {
            route.phase = phase::ending;
            ending_until_ = now + options().end_timeout;
            bytes.stream.wait(now);
            linger(now);
            return {action_kind::half_close, attempt};
        }
        const std::span<const char> text =
            renews ? bytes.next_write(now, bytes.rest_of_batch()) : bytes.next_write(now);
        offered = text.size();
        return offered == 0 ? action{} : action{action_kind::write, attempt, 0, text};
    }

    action ask(instant now) noexcept {
        bytes.stream.asked(now);
        return {action_kind::ask, route.attempt()};
    }

    // When the peer's time runs out: for acknowledging, or for its end of stream.
    [[nodiscard]] instant patience() const noexcept {
        if (route.phase == phase::open) {
            return bytes.stream.stalled_at(options().stall_timeout);
        }
        return bytes.in_flight() ? bytes.stream.waiting_since() + options().end_timeout
                                 : ending_until_;
    }
    [[nodiscard]] bool gives_up(instant now) const noexcept {
        return living() && (now >= patience() || (stopping && now >= stop_at));
    }

    // Applies expired timers: stop, stall, end of stream, look-up, connect. Completes a stop.
    void settle(instant now) noexcept {
        if (stopping && now >= stop_at) {
            halt();
        } else if (living() && now >= patience()) {
            const bool open = route.phase == phase::open;
            account().stalls += open;
            if (open || bytes.in_flight()) {
                lose(now, make_error_code(errc::timed_out), open);
            } else {
                close(now);
            }
        } else if (route.overdue(now)) {
            failure(make_error_code(errc::timed_out));
            route.release();
            route.leave(now, options());
        }
        if (stopping && bytes.queue().empty() && !living()) {
            halt();
        }
    }

    [[gnu::noinline]] void close(instant now) noexcept {
        route.release(bytes.must_reset());
        bytes.over(false);
        route.renew(now, options().renew_every);
    }

    void halt() noexcept {
        if (living()) {
            route.release(bytes.must_reset());
            bytes.over(false);
        } else if (route.reaching()) {
            route.release();
        }
        bytes.ledger.drop_all(drop_reason::shutdown);
        route.phase = phase::stopped;
    }

    instant ending_until_ = instant::never();
};

}  // namespace backends::detail
