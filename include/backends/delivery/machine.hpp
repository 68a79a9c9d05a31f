// SPDX-License-Identifier: BSL-1.0
//
// Delivery stage. The delivery machine keeps the queue of lines, walks the destinations, decides
// when to write and when to ask, and counts every line. It knows no socket, no clock and no thread:
// a driver pulls actions out of it and answers with events, so a simulated network drives it
// exactly as a real one does.
#pragma once

#if !defined(__cpp_exceptions)
#error \
    "backends: exporting needs exceptions; files compiled with -fno-exceptions can record, reduce and format"
#endif

#include <backends/core/counters.hpp>
#include <backends/core/errors.hpp>
#include <backends/core/time.hpp>
#include <backends/delivery/action.hpp>
#include <backends/delivery/backoff.hpp>
#include <backends/delivery/confirmation.hpp>
#include <backends/delivery/options.hpp>
#include <backends/delivery/pilot.hpp>
#include <backends/delivery/random.hpp>
#include <backends/queue/overflow.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <system_error>
#include <utility>

namespace backends::inline BACKENDS_ISA {

/// Delivers whole lines to the first destination that takes them.
///
/// The driver calls next() and does what it says until it says none. Then the driver waits for a
/// readable or writable transport (wants_readable(), wants_writable()), for the result of a look-up
/// or a connect, or for deadline(), whichever comes first. The machine ignores events whose attempt
/// is not the current one, so a late answer does no harm.
///
/// @tparam Confirmation when a line counts as delivered
/// @tparam Overflow     which lines go when there is no room
/// @tparam Backoff      how long to wait when every destination has failed
/// @tparam Random       spreads the delays
///
/// Allocates at construction only; everything else is noexcept. Not thread-safe: one strand owns
/// it. All instants come from one steady clock and do not go backwards.
template <class Confirmation = confirm::acked, class Overflow = drop_oldest,
          class Backoff = full_jitter, class Random = split_mix>
class delivery {
    static_assert(confirmation<Confirmation>,
                  "backends: a confirmation level needs name, holds, confirmed and remaining; see "
                  "docs/concepts/confirmation.md");
    static_assert(overflow_policy<Overflow>,
                  "backends: an overflow policy needs name, make_room and trim; see "
                  "docs/concepts/overflow.md");
    static_assert(random_source<Random>,
                  "backends: a random source gives a std::uint64_t when called, noexcept; see "
                  "docs/concepts/random_source.md");
    static_assert(backoff_policy<Backoff, Random>,
                  "backends: a back-off policy needs next(random) and reset(); see "
                  "docs/concepts/backoff.md");

    using phase = delivery_phase;

public:
    /// @param destinations their number; the driver knows them by their index
    /// @throws config_error for options that cannot work together
    explicit delivery(const delivery_options& options, std::size_t destinations = 1,
                      Random random = Random{})
        : pilot_{options, destinations, std::move(random)} {}

    // ---- lines in

    /// Room for `n` contiguous bytes, or nullptr when the overflow policy makes none; the caller
    /// then calls refuse(). The room is valid until the next call of any other member.
    [[nodiscard]] char* reserve(std::size_t n) noexcept {
        return pilot_.stopping ? nullptr : pilot_.bytes.ledger.reserve(n);
    }
    /// Whether reserve(n) succeeds without dropping a line.
    [[nodiscard]] bool fits(std::size_t n) const noexcept {
        return !pilot_.stopping && queue().fits(n);
    }
    /// Accepts whole lines at the start of the last reservation.
    void commit(std::size_t bytes, std::size_t lines) noexcept {
        pilot_.bytes.ledger.commit({lines, bytes});
    }
    /// Counts whole lines that found no room.
    void refuse(std::size_t bytes, std::size_t lines) noexcept {
        const bool oversize = bytes > queue().capacity();
        pilot_.bytes.ledger.refuse({lines, bytes}, pilot_.stopping ? drop_reason::shutdown
                                                   : oversize      ? drop_reason::oversize
                                                                   : drop_reason::overflow);
    }
    /// Makes one batch of the lines since the last call. Call it once a cycle, also without lines.
    void end_batch(instant now) noexcept { pilot_.bytes.end_batch(now); }

    // ---- what to do

    /// The next action. After none it stays none until an event, a line, or deadline().
    [[nodiscard]] action next(instant now) noexcept { return pilot_.next(now); }

    /// When to call next() again even if nothing has happened.
    [[nodiscard]] instant deadline() const noexcept { return pilot_.deadline(); }

    /// Whether the driver must report that the transport has something to read.
    [[nodiscard]] bool wants_readable() const noexcept {
        return pilot_.living() && !pilot_.bytes.stream.readable && !pilot_.bytes.stream.peer_ended;
    }
    /// Whether lines wait for room, in flight or in the queue, that an acknowledgement can make.
    [[nodiscard]] bool wants_acknowledgement() const noexcept {
        return pilot_.route.phase == phase::open && pilot_.bytes.stream.uncertain() &&
               pilot_.bytes.short_of_room();
    }
    /// Whether a driver in the middle of a cycle may write without asking: nothing depends on
    /// acknowledgements yet.
    [[nodiscard]] bool writes_freely() const noexcept {
        return pilot_.route.phase == phase::open && pilot_.bytes.writes_freely();
    }
    /// Whether the driver must report that the transport has room to write.
    [[nodiscard]] bool wants_writable() const noexcept {
        return pilot_.route.phase == phase::open && pilot_.bytes.stream.write_blocked;
    }

    // ---- answers to actions, and news

    /// The look-up gave so many endpoints. 0 counts as a failure.
    void resolved(instant now, std::uint64_t attempt, std::size_t endpoints) noexcept {
        if (endpoints == 0) {
            resolve_failed(now, attempt, make_error_code(errc::no_address));
        } else if (pilot_.route.is_current(attempt, phase::resolving)) {
            pilot_.route.resolved(now, endpoints, options());
        }
    }
    /// The next destination follows, or the back-off.
    void resolve_failed(instant now, std::uint64_t attempt, std::error_code error) noexcept {
        if (pilot_.route.is_current(attempt, phase::resolving)) {
            pilot_.failure(error);
            pilot_.route.leave(now, options());
        }
    }
    /// The connection is open, and empty.
    void connected(instant now, std::uint64_t attempt) noexcept {
        if (pilot_.route.is_current(attempt, phase::connecting)) {
            pilot_.route.connected(now);
            pilot_.bytes.open(now, pilot_.route.destination());
            pilot_.account().reconnects += pilot_.account().connections != 0;
            ++pilot_.account().connections;
        }
    }
    /// The next endpoint or destination follows, or the back-off.
    void connect_failed(instant now, std::uint64_t attempt, std::error_code error) noexcept {
        if (pilot_.route.is_current(attempt, phase::connecting)) {
            pilot_.failure(error);
            pilot_.route.leave(now, options());
        }
    }
    /// The transport took the first `n` bytes of the write action.
    void wrote(instant now, std::uint64_t attempt, std::size_t n, ack_report report) noexcept {
        if (const std::size_t taken = taken_of_offer(now, attempt, n); taken != 0) {
            pilot_.confirm(pilot_.bytes.wrote(now, taken, report), now);
        }
    }
    /// The driver has not asked for acknowledgements: all bytes count as unacknowledged until it
    /// asks.
    void wrote(instant now, std::uint64_t attempt, std::size_t n) noexcept {
        if (const std::size_t taken = taken_of_offer(now, attempt, n); taken != 0) {
            pilot_.confirm(pilot_.bytes.wrote(now, taken), now);
        }
    }
    /// The last action, a write or a read, moved nothing.
    void would_block(instant now, std::uint64_t attempt) noexcept {
        if (pilot_.reading) {
            received(now, attempt, {});
        } else {
            wrote(now, attempt, 0);
        }
    }
    /// The transport has room again after would_block().
    void writable(instant, std::uint64_t attempt) noexcept {
        if (pilot_.is_living(attempt)) {
            pilot_.bytes.stream.write_blocked = false;
        }
    }
    /// The transport has something to read.
    void readable(instant, std::uint64_t attempt) noexcept {
        if (pilot_.is_living(attempt)) {
            pilot_.bytes.stream.readable = true;
        }
    }
    /// The driver read reply bytes; `rejections` of their lines refuse a line. Empty: none for now.
    void received(instant, std::uint64_t attempt, std::span<const char> reply,
                  std::size_t rejections = 0) noexcept {
        if (pilot_.is_living(attempt)) {
            pilot_.bytes.stream.received(reply.size());
            pilot_.account().received_bytes += reply.size();
            pilot_.account().rejected += rejections;
            pilot_.bytes.stream.refused = pilot_.bytes.stream.refused || rejections != 0;
            pilot_.account().reads += !reply.empty();
        }
    }
    /// The peer closed its side. If ours is still open, that ends the connection.
    void end_of_stream(instant now, std::uint64_t attempt, ack_report report = {}) noexcept {
        if (pilot_.is_living(attempt)) {
            pilot_.bytes.stream.peer_ended = true;
            pilot_.last_words(now, report);
            if (pilot_.route.phase == phase::open) {
                pilot_.lose(now, make_error_code(errc::end_of_stream));
            }
        }
    }
    /// Reading or writing failed; the connection is over. The driver must obtain `report` before it
    /// closes the connection: a closed one has none.
    void failed(instant now, std::uint64_t attempt, std::error_code error,
                ack_report report = {}) noexcept {
        if (pilot_.is_living(attempt)) {
            pilot_.last_words(now, report);
            if (pilot_.is_living(attempt)) {
                pilot_.lose(now, error);
            }
        }
    }
    /// The answer to the action `ask`.
    void acknowledged(instant now, std::uint64_t attempt, ack_report report) noexcept {
        if (pilot_.is_living(attempt)) {
            pilot_.confirm(pilot_.bytes.acknowledged(now, report), now);
            pilot_.end_if_read(now);
        }
    }
    /// An unsolicited report, while lines are written. Without progress it changes nothing, not
    /// even the time of the next question.
    void acknowledged_meanwhile(instant now, std::uint64_t attempt, ack_report report) noexcept {
        if (pilot_.route.is_current(attempt, phase::open)) {
            pilot_.confirm(pilot_.bytes.acknowledged_meanwhile(now, report), now);
        }
    }

    // ---- the end

    /// Takes no more lines, delivers the queued ones and closes properly; at `deadline` it drops
    /// and counts the unconfirmed ones. The driver goes on until stopped(). A later call can only
    /// bring the deadline forward.
    void stop(instant now, instant deadline) noexcept {
        pilot_.stop_at = pilot_.stopping ? (std::min)(pilot_.stop_at, deadline) : deadline;
        pilot_.stopping = true;
        if (pilot_.route.phase == phase::waiting) {
            pilot_.route.wait_until(now);  // the last attempt need not wait
        }
        pilot_.linger(now);
    }
    /// Nothing is left to do or to release.
    [[nodiscard]] bool stopped() const noexcept {
        return pilot_.route.phase == phase::stopped && !pilot_.route.releases();
    }

    // ---- its state

    /// The account; it balances after every call.
    [[nodiscard]] const delivery_counters& counters() const noexcept {
        return pilot_.bytes.ledger.counters;
    }
    /// The lines that are not confirmed.
    [[nodiscard]] const line_queue& queue() const noexcept { return pilot_.bytes.queue(); }
    /// As given to the constructor.
    [[nodiscard]] const delivery_options& options() const noexcept {
        return pilot_.bytes.options();
    }
    /// Its phase.
    [[nodiscard]] delivery_phase state() const noexcept { return pilot_.route.phase; }
    /// The destination that is tried or used now.
    [[nodiscard]] std::size_t destination() const noexcept { return pilot_.route.destination(); }
    /// Why a connection, or an attempt at one, last failed.
    [[nodiscard]] std::error_code last_error() const noexcept { return pilot_.last.error; }
    /// The failure that was counted since the last call, if there is one. A call of next() or of an
    /// event counts one at most, so a driver that takes it after each of them sees all.
    [[nodiscard]] std::optional<delivery_failure> take_failure() noexcept {
        return std::exchange(pilot_.untold, false) ? std::optional{pilot_.last} : std::nullopt;
    }

private:
    /// How many of the offered bytes the transport took; 0 for a stale answer.
    [[nodiscard]] std::size_t taken_of_offer(instant now, std::uint64_t attempt,
                                             std::size_t n) noexcept {
        if (!pilot_.route.is_current(attempt, phase::open) || pilot_.offered == 0) {
            return 0;
        }
        const std::size_t taken = (std::min)(n, std::exchange(pilot_.offered, 0));
        if (taken == 0) {
            pilot_.bytes.stream.blocked(now);
        }
        return taken;
    }

    detail::pilot<Confirmation, Overflow, Backoff, Random> pilot_;
};

}  // namespace backends
