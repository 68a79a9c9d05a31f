// SPDX-License-Identifier: BSL-1.0
//
// Delivery stage. A living connection: how many of its bytes were written and acknowledged, which
// to write next, when to ask again, when the peer counts as stalled, and how many reply bytes may
// still be read.
#pragma once

#include <backends/core/as.hpp>
#include <backends/core/extremes.hpp>
#include <backends/core/record_end.hpp>
#include <backends/core/time.hpp>
#include <backends/delivery/action.hpp>
#include <backends/delivery/confirmation.hpp>
#include <backends/delivery/options.hpp>
#include <backends/queue/line_queue.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <utility>

namespace backends::inline BACKENDS_ISA::detail {

/// The queue holds the bytes: those between its held() and its sent() were written here and are not
/// confirmed.
template <class Confirmation, record_end Ends = record_end::newline>
class connection {
    using queue_type = record_queue<Ends>;

public:
    progress bytes;              ///< of this connection
    bool write_blocked = false;  ///< the transport had no room
    bool readable = true;        ///< replies may be waiting
    bool peer_ended = false;     ///< we have read the peer's end of stream
    bool refused = false;        ///< the peer said that it refuses a line
    instant began = {};          ///< when it was established

    connection() noexcept = default;
    explicit connection(instant now) noexcept : began{now}, progress_at_{now} {}

    // ---- progress

    [[nodiscard]] static std::uint64_t unconfirmed(const queue_type& queue) noexcept {
        return queue.sent() - queue.held();
    }
    /// Bytes of whole lines that have left the queue.
    [[nodiscard]] std::uint64_t confirmed(const queue_type& queue) const noexcept {
        return bytes.written - unconfirmed(queue);
    }
    /// Bytes that the level lets go now.
    [[nodiscard]] std::size_t confirmable(const queue_type& queue) const noexcept {
        const std::uint64_t upto = detail::smaller(Confirmation::confirmed(bytes), bytes.written);
        const std::uint64_t before = confirmed(queue);
        return upto <= before ? 0 : as<std::size_t>(upto - before);
    }
    /// Acknowledged bytes that are kept.
    [[nodiscard]] std::size_t kept_acknowledged(const queue_type& queue) const noexcept {
        const std::uint64_t before = confirmed(queue);
        return bytes.acknowledged() <= before ? 0 : as<std::size_t>(bytes.acknowledged() - before);
    }
    /// Bytes that are confirmed although the peer had not read them, as far as we can know.
    [[nodiscard]] std::uint64_t in_doubt(const queue_type& queue) const noexcept {
        const std::uint64_t acknowledged = bytes.acknowledged();
        const std::uint64_t read = acknowledged - detail::smaller(acknowledged, unread_);
        const std::uint64_t before = confirmed(queue);
        return before - detail::smaller(before, read);
    }
    /// It confirmed a line, or there was none to confirm.
    [[nodiscard]] bool useful(const queue_type& queue) const noexcept {
        return confirmed(queue) != 0 || queue.empty();
    }
    /// True when an ordinary close would end the stream inside a line, or would deliver lines that
    /// are to be sent again.
    [[nodiscard]] bool must_reset(const queue_type& queue) const noexcept {
        const bool all_acknowledged = counted_ && bytes.unacknowledged == 0;
        return queue.inside_line() || (queue.in_flight() != 0 && !all_acknowledged);
    }

    void wrote(instant now, std::size_t n) noexcept {
        start_waiting(now);
        bytes.written += n;
        bytes.unacknowledged += n;
        write_blocked = false;
        starved_ = false;
    }
    void blocked(instant now) noexcept {
        start_waiting(now);
        write_blocked = true;
        starved_ = true;
    }
    /// The peer has read everything and closed.
    void ended() noexcept {
        bytes.ended = true;
        unread_ = 0;
    }

    /// Applies the transport's report. True when the peer has acknowledged more than before.
    bool measure(instant now, ack_report report) noexcept {
        counted_ = report.unacknowledged.has_value();
        const std::uint64_t before = bytes.acknowledged();
        // An acknowledged byte stays acknowledged, whatever a transport says later.
        bytes.unacknowledged = detail::smaller<std::uint64_t>(report.unacknowledged.value_or(0),
                                                              bytes.written - before);
        if constexpr (Confirmation::holds != 0) {
            unread_ = report.unread.value_or(0);
            bytes.unread = detail::smaller(unread_, bytes.acknowledged());
        } else {
            unread_ = report.unread.value_or(unread_);  // not asked for while lines are written
        }
        if (bytes.acknowledged() == before) {
            return false;
        }
        moved(now);
        return true;
    }
    /// Applies the transport's count of bytes that have arrived.
    void arrived(instant now, std::uint64_t n) noexcept {
        if (n > std::exchange(arrived_, n)) {
            moved(now);
        }
    }

    /// Restarts the peer's time.
    void wait(instant now) noexcept { progress_at_ = now; }
    [[nodiscard]] instant waiting_since() const noexcept { return progress_at_; }
    /// When the peer counts as stalled: no acknowledgement for `patience` while bytes wait for one.
    [[nodiscard]] instant stalled_at(nanoseconds patience) const noexcept {
        return waiting() ? progress_at_ + patience : instant::never();
    }

    // ---- what to write

    /// True when more is unsent than the window admits, or the queue is more than a quarter full.
    [[nodiscard]] bool short_of_room(const queue_type& queue,
                                     const delivery_options& options) const noexcept {
        return queue.size() - queue.sent() > room_in_flight(options) ||
               queue.size() > queue.capacity() / 4;
    }

    /// True when the connection must end now, to confirm its lines, or to give a held-back
    /// suspected line its turn. `allowance`: the quarantine's.
    [[nodiscard]] bool complete(const queue_type& queue, std::uint64_t allowance) const noexcept {
        if (bytes.written == 0 || queue.inside_line()) {
            return false;
        }
        if (queue.held() != 0 && (unconfirmed(queue) == 0 || Confirmation::holds != 0)) {
            return true;
        }
        if (Confirmation::holds == 0 || unconfirmed(queue) == 0) {
            return false;
        }
        const std::string_view unsent = queue.unsent();
        return Confirmation::remaining(bytes) == 0 ||
               (!unsent.empty() && permitted(queue, unsent, allowance) == 0);
    }

    /// What to write now, at most `most` bytes; empty when nothing may be written yet.
    [[nodiscard]] std::span<const char> next_write(instant now, const queue_type& queue,
                                                   std::size_t most, std::uint64_t allowance,
                                                   const delivery_options& options) noexcept {
        if (write_blocked) {
            return {};
        }
        const std::string_view unsent = queue.unsent().substr(0, most);
        std::size_t n = permitted(queue, unsent, allowance);
        const std::size_t room = room_in_flight(options);
        if (n > room) {
            // Many small writes cost more than a wait for an acknowledgement or two.
            const bool narrow = room < options.max_in_flight / 4;
            n = narrow ? 0 : queue.last_end(unsent.data(), room);
            if (n == 0 && !narrow && (queue.inside_line() || bytes.unacknowledged == 0)) {
                n = room;  // a line longer than the room goes in pieces
            }
            if (n == 0) {
                poll_acks_busily(now, options);
            }
        }
        return {unsent.data(), n};
    }

    // ---- questions

    [[nodiscard]] bool uncertain() const noexcept {
        return bytes.unacknowledged + bytes.unread != 0;
    }
    [[nodiscard]] instant ask_at() const noexcept {
        return uncertain() ? ask_at_ : instant::never();
    }
    /// Asks again after the shortest pause: something was written, or acknowledged.
    void poll_acks_soon(instant now, const delivery_options& options) noexcept {
        hurried_ = false;
        pause_ = options.ack_poll_min;
        ask_at_ = now + pause_;
    }
    /// Asks again after twice the last pause: nothing has changed.
    void poll_acks_later(instant now, const delivery_options& options) noexcept {
        pause_ =
            detail::smaller(pause_ * 2, detail::larger(options.ack_poll_max, options.ack_poll_min));
        ask_at_ = now + pause_;
    }
    /// Schedules the final query before close. Worth it even when all is confirmed: the window
    /// tells what is unread. False when there is nothing to ask, or no need to ask again.
    bool final_query(instant now, const queue_type& queue) noexcept {
        if (last_asked_ == now || asked_last_ || (confirmed(queue) == 0 && !uncertain())) {
            return false;
        }
        asked_last_ = true;
        ask_at_ = now;
        return true;
    }
    void asked(instant now) noexcept { last_asked_ = now; }

    // ---- replies

    /// Whether to read now.
    [[nodiscard]] bool may_read(instant now, const delivery_options& options) noexcept {
        if (now >= budget_until_) {
            budget_until_ = now + options.reply_interval;
            budget_ = options.reply_budget;
        }
        return readable && !peer_ended && budget_ != 0;
    }
    void received(std::size_t n) noexcept {
        budget_ -= detail::smaller(budget_, n);
        readable = readable && n != 0;
    }
    /// When reading may go on.
    [[nodiscard]] instant read_at() const noexcept {
        return readable && !peer_ended ? budget_until_ : instant::never();
    }

private:
    [[nodiscard]] bool waiting() const noexcept { return bytes.unacknowledged != 0 || starved_; }
    void moved(instant now) noexcept {
        progress_at_ = now;
        asked_last_ = false;
    }
    void start_waiting(instant now) noexcept {
        if (!waiting()) {
            progress_at_ = now;
        }
    }
    // Lines wait for room in flight: an idle wait of ack_poll_min would bound the throughput.
    void poll_acks_busily(instant now, const delivery_options& options) noexcept {
        if (!hurried_) {
            hurried_ = true;
            pause_ = detail::smaller(options.ack_poll_busy, options.ack_poll_min);
            ask_at_ = detail::smaller(ask_at_, now + pause_);
        }
    }

    [[nodiscard]] std::size_t room_in_flight(const delivery_options& options) const noexcept {
        const std::uint64_t waiting = bytes.unacknowledged;
        return waiting >= options.max_in_flight ? 0
                                                : as<std::size_t>(options.max_in_flight - waiting);
    }

    // The unsent bytes that the level and the quarantine permit: whole lines, but always the rest
    // of a line that has begun, and always the first line of a connection.
    [[nodiscard]] std::size_t permitted(const queue_type& queue, std::string_view unsent,
                                        std::uint64_t allowance) const noexcept {
        const std::uint64_t waiting = unconfirmed(queue);
        const std::uint64_t allowed = detail::smaller<std::uint64_t>(
            Confirmation::remaining(bytes), allowance - detail::smaller(allowance, waiting));
        if (allowed >= unsent.size()) {
            return unsent.size();
        }
        std::size_t n = queue.last_end(unsent.data(), static_cast<std::size_t>(allowed));
        if (n == 0 && (queue.inside_line() || waiting == 0)) {
            n = queue.first_end(unsent.data(), unsent.size());
            n = n == 0 ? unsent.size() : n;
        }
        return n;
    }

    bool counted_ = true;        // the transport can count unacknowledged bytes
    std::uint64_t unread_ = 0;   // acknowledged, and unread at the last question
    std::uint64_t arrived_ = 0;  // where the transport tells
    instant progress_at_ = {};
    bool starved_ = false;  // would_block since the last accepted byte, even if reported writable
    instant ask_at_ = instant::never();
    instant last_asked_ = instant::never();
    bool asked_last_ = false;  // since the last progress
    nanoseconds pause_ = {};
    bool hurried_ = false;
    instant budget_until_ = {};
    std::size_t budget_ = 0;
};

}  // namespace backends::detail
