// SPDX-License-Identifier: BSL-1.0
//
// Delivery stage. The delivery machine keeps the queue of lines, walks the destinations, decides
// when to write and when to ask, and counts every line. It knows no socket, no clock and no thread:
// a driver pulls actions out of it and answers with events, so a simulated network drives it
// exactly as a real one does. Its four parts have an idea each: account, failover, connection,
// quarantine. Its transitions stand in phase.hpp.
#pragma once

#if !defined(__cpp_exceptions)
#error \
    "backends: exporting needs exceptions; files compiled with -fno-exceptions can record, reduce and format"
#endif

#include <backends/core/counters.hpp>
#include <backends/core/errors.hpp>
#include <backends/core/extremes.hpp>
#include <backends/core/record_end.hpp>
#include <backends/core/time.hpp>
#include <backends/delivery/action.hpp>
#include <backends/delivery/backoff.hpp>
#include <backends/delivery/confirmation.hpp>
#include <backends/delivery/connection.hpp>
#include <backends/delivery/failover.hpp>
#include <backends/delivery/options.hpp>
#include <backends/delivery/phase.hpp>
#include <backends/delivery/quarantine.hpp>
#include <backends/delivery/random.hpp>
#include <backends/queue/account.hpp>
#include <backends/queue/overflow.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
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
/// @tparam Ends         what ends a line
///
/// Allocates at construction only; everything else is noexcept. Not thread-safe: one strand owns
/// it. All instants come from one steady clock and do not go backwards.
template <class Confirmation = confirm::acked, class Overflow = drop_oldest,
          class Backoff = full_jitter, class Random = split_mix,
          record_end Ends = record_end::newline>
class delivery {
    static_assert(confirmation<Confirmation>,
                  "backends: a confirmation level needs name, holds, confirmed and remaining; see "
                  "docs/concepts/confirmation.md");
    static_assert(overflow_policy<Overflow>,
                  "backends: an overflow policy needs name, make_room and trim; see "
                  "docs/concepts/overflow.md");
    static_assert(!overflow_policy<Overflow> ||
                      detail::drops_lines_of<Overflow, record_queue<Ends>>,
                  "backends: this overflow policy drops lines of text alone; for a format whose "
                  "records end by length its functions are templates that take any record_queue; "
                  "see docs/concepts/overflow.md");
    static_assert(random_source<Random>,
                  "backends: a random source gives a std::uint64_t when called, noexcept; see "
                  "docs/concepts/random_source.md");
    static_assert(backoff_policy<Backoff, Random>,
                  "backends: a back-off policy needs next(random) and reset(); see "
                  "docs/concepts/backoff.md");

    using phase = delivery_phase;

public:
    static constexpr record_end ends = Ends;  ///< of its lines

    /// @param destinations their number; the driver knows them by their index
    /// @throws config_error for options that cannot work together
    explicit delivery(const delivery_options& options, std::size_t destinations = 1,
                      Random random = Random{})
        : options_{detail::checked(options, Confirmation::holds)},
          account_{options.queue_bytes, options.batches},
          failover_{options, detail::larger<std::size_t>(destinations, 1), std::move(random)},
          quarantine_{options.poison_limit, detail::larger<std::size_t>(destinations, 1)} {}

    // ---- lines in

    /// Room for `n` contiguous bytes, or nullptr when the overflow policy makes none; the caller
    /// then calls refuse(). The room is valid until the next call of any other member.
    [[nodiscard]] char* reserve(std::size_t n) noexcept { return account_.reserve(n); }
    /// Whether reserve(n) succeeds without dropping a line.
    [[nodiscard]] bool fits(std::size_t n) const noexcept { return account_.fits(n); }
    /// Accepts whole lines at the start of the last reservation.
    void commit(std::size_t bytes, std::size_t lines) noexcept { account_.commit({lines, bytes}); }
    /// Counts whole lines that found no room.
    void refuse(std::size_t bytes, std::size_t lines) noexcept { account_.refuse({lines, bytes}); }
    /// Lines follow, until end_batch(). Meanwhile the machine asks for no acknowledgement, reply or
    /// end of stream on which nothing depends yet: a system call costs as much as tens of lines.
    void begin_batch() noexcept { in_batch_ = true; }
    /// Makes one batch of the lines since the last call. Call it once a cycle, also without lines.
    void end_batch(instant now) noexcept;

    // ---- what to do

    /// The next action. After none it stays none until an event, a line, or deadline().
    [[nodiscard]] action next(instant now) noexcept;

    /// When to call next() again even if nothing has happened.
    [[nodiscard]] instant deadline() const noexcept;

    /// Whether the driver must report that the transport has something to read.
    [[nodiscard]] bool wants_readable() const noexcept {
        return living() && !connection_.readable && !connection_.peer_ended;
    }
    /// Whether the driver reports, with each write, what is acknowledged, and before it what can be
    /// read. Not within a batch while nothing depends on it: there is room in flight and in the
    /// queue, the level needs no acknowledgement, and no line is suspected.
    [[nodiscard]] bool wants_reports() const noexcept {
        return !in_batch_ || phase_ != phase::open || Confirmation::holds != 0 ||
               quarantine_.allowance() != unbounded || connection_.write_blocked ||
               connection_.short_of_room(queue(), options_);
    }
    /// Whether the driver must report that the transport has room to write.
    [[nodiscard]] bool wants_writable() const noexcept {
        return phase_ == phase::open && connection_.write_blocked;
    }

    // ---- answers to actions, and news

    /// The look-up gave so many endpoints. 0 counts as a failure.
    void resolved(instant now, std::uint64_t attempt, std::size_t endpoints) noexcept;
    /// The next destination follows, or the back-off.
    void resolve_failed(instant now, std::uint64_t attempt, std::error_code error) noexcept;
    /// The connection is open, and empty.
    void connected(instant now, std::uint64_t attempt) noexcept;
    /// The next endpoint or destination follows, or the back-off.
    void connect_failed(instant now, std::uint64_t attempt, std::error_code error) noexcept;
    /// The transport took the first `n` bytes of the write action.
    void wrote(instant now, std::uint64_t attempt, std::size_t n, ack_report report) noexcept;
    /// The same without a report: all bytes count as unacknowledged until the machine asks.
    void wrote(instant now, std::uint64_t attempt, std::size_t n) noexcept;
    /// The last action, a write or a read, moved nothing.
    void would_block(instant now, std::uint64_t attempt) noexcept {
        reading_ ? received(now, attempt, {}) : wrote(now, attempt, 0);
    }
    /// The transport has room again after would_block().
    void writable(instant, std::uint64_t attempt) noexcept {
        connection_.write_blocked = connection_.write_blocked && !is_living(attempt);
    }
    /// The transport has something to read.
    void readable(instant, std::uint64_t attempt) noexcept {
        connection_.readable = connection_.readable || (is_living(attempt) && wants_reports());
    }
    /// The driver read reply bytes; `rejections` of their lines refuse a line. Empty: none for now.
    void received(instant now, std::uint64_t attempt, std::span<const char> reply,
                  std::size_t rejections = 0) noexcept;
    /// The peer closed its side. If ours is still open, that ends the connection.
    void end_of_stream(instant now, std::uint64_t attempt, ack_report report = {}) noexcept;
    /// Reading or writing failed; the connection is over. The driver must obtain `report` before it
    /// closes the connection: a closed one has none.
    void failed(instant now, std::uint64_t attempt, std::error_code error,
                ack_report report = {}) noexcept;
    /// The receiver takes no lines now, and asks for a delay, perhaps of 0. The connection is over;
    /// its lines are sent again, and no line is suspected.
    void not_now(instant now, std::uint64_t attempt, nanoseconds delay,
                 ack_report report = {}) noexcept;
    /// The receiver refuses the oldest `n` unacknowledged bytes, whole lines, for good; `report`
    /// counts them as acknowledged. They are dropped as `rejected`, and the connection goes on.
    void refused(instant now, std::uint64_t attempt, std::size_t n, ack_report report) noexcept;
    /// So many bytes, of this connection and of any kind, have arrived at the peer's machine. More
    /// than before are progress, also while no line is acknowledged.
    void arrived(instant now, std::uint64_t attempt, std::uint64_t bytes) noexcept {
        if (is_living(attempt)) {
            connection_.arrived(now, bytes);
        }
    }
    /// The answer to the action `ask`.
    void acknowledged(instant now, std::uint64_t attempt, ack_report report) noexcept;
    /// An unsolicited report, while lines are written. Without progress it changes nothing, not
    /// even the time of the next question.
    void acknowledged_meanwhile(instant now, std::uint64_t attempt, ack_report report) noexcept;

    // ---- the end

    /// Takes no more lines, delivers the queued ones and closes properly; at `deadline` it drops
    /// and counts the unconfirmed ones. The driver goes on until stopped(). A later call can only
    /// bring the deadline forward.
    void stop(instant now, instant deadline) noexcept;
    /// Nothing is left to do or to release.
    [[nodiscard]] bool stopped() const noexcept {
        return phase_ == phase::stopped && release_ == action_kind::none;
    }

    // ---- its state

    /// The account; it balances after every call.
    [[nodiscard]] const delivery_counters& counters() const noexcept { return account_.counters; }
    /// The lines that are not confirmed.
    [[nodiscard]] const record_queue<Ends>& queue() const noexcept { return account_.queue(); }
    /// As given to the constructor.
    [[nodiscard]] const delivery_options& options() const noexcept { return options_; }
    /// Its phase.
    [[nodiscard]] delivery_phase state() const noexcept { return phase_; }
    /// The number of the last action that begins something; answers carry it.
    [[nodiscard]] std::uint64_t attempt() const noexcept { return attempt_; }
    /// The transitions that it has made, each a detail::transition_bit(); for tests.
    [[nodiscard]] std::uint64_t transitions() const noexcept { return transitions_; }
    /// The destination that is tried or used now.
    [[nodiscard]] std::size_t destination() const noexcept { return failover_.destination(); }
    /// Why a connection, or an attempt at one, last failed.
    [[nodiscard]] std::error_code last_error() const noexcept { return last_.error; }
    /// The failure that was counted since the last call, if there is one. A call of next() or of an
    /// event counts one at most, so a driver that takes it after each of them sees all.
    [[nodiscard]] std::optional<delivery_failure> take_failure() noexcept {
        return std::exchange(untold_, false) ? std::optional{last_} : std::nullopt;
    }

private:
    [[nodiscard]] bool living() const noexcept {
        return phase_ == phase::open || phase_ == phase::ending;
    }
    [[nodiscard]] bool reaching() const noexcept {
        return phase_ == phase::resolving || phase_ == phase::connecting;
    }
    [[nodiscard]] bool is_living(std::uint64_t attempt) const noexcept {
        return living() && attempt == attempt_;
    }
    [[nodiscard]] bool is_current(std::uint64_t attempt, phase wanted) const noexcept {
        return attempt == attempt_ && phase_ == wanted && begun_;
    }
    [[nodiscard]] bool stopping() const noexcept { return account_.closed(); }

    void enter(phase next) noexcept;
    action begin(action_kind kind, std::size_t index) noexcept;
    action exchange(instant now) noexcept;
    action ask(instant now) noexcept;
    bool new_lines_need_room() noexcept;
    [[nodiscard]] instant patience() const noexcept;
    void expire_timers(instant now) noexcept;
    void halt() noexcept;

    bool take(instant now, std::uint64_t attempt, std::size_t n) noexcept;
    void leave(instant now) noexcept;
    void failure(std::error_code why) noexcept {
        last_ = {failover_.destination(), why};
        untold_ = true;
        ++account_.counters.failures;
    }
    void confirm(instant now) noexcept;
    void drop_poison() noexcept;
    void final_report(instant now, ack_report report) noexcept;
    void end_if_read(instant now) noexcept;
    [[gnu::noinline]] void wait_for_end(instant now) noexcept;
    void lose(instant now, std::error_code why, bool leaves = false,
              nanoseconds delay = {}) noexcept;
    void close(instant now) noexcept;
    bool end_connection(bool blame) noexcept;
    void release(bool with_reset = false) noexcept;

    delivery_options options_;
    detail::account<Overflow, Ends> account_;
    detail::failover<Backoff, Random> failover_;
    detail::connection<Confirmation, Ends> connection_;
    detail::quarantine quarantine_;

    phase phase_ = phase::idle;
    bool begun_ = false;     // the phase's own action was given out
    bool in_batch_ = false;  // lines are being added
    std::uint64_t attempt_ = 0;
    action_kind release_ = action_kind::none;  // how to release the transport, before all else
    std::size_t offered_ = 0;                  // bytes of the write action whose answer is awaited
    bool reading_ = false;                     // the last action was a read
    std::uint64_t seen_ = 0;                   // lines that were accepted at the last look
    instant stop_at_ = instant::never();
    instant ending_until_ = instant::never();
    delivery_failure last_;  // the last failure counted
    bool untold_ = false;    // take_failure() has not given it out yet
    std::uint64_t transitions_ = 0;
};

}  // namespace backends

#include <backends/delivery/machine_end.hpp>
#include <backends/delivery/machine_events.hpp>
#include <backends/delivery/machine_next.hpp>
