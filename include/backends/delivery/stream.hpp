// SPDX-License-Identifier: BSL-1.0
//
// Delivery stage. The progress of one connection's bytes: how many were written and acknowledged,
// when to ask again, when the peer counts as stalled, and how many reply bytes may still be read.
#pragma once

#include <backends/core/time.hpp>
#include <backends/delivery/action.hpp>
#include <backends/delivery/confirmation.hpp>
#include <backends/delivery/options.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace backends::inline BACKENDS_ISA::detail {

class stream {
public:
    progress bytes;               ///< of this connection
    std::uint64_t confirmed = 0;  ///< bytes of whole lines that have left the queue
    bool write_blocked = false;   ///< the transport had no room
    bool readable = true;         ///< replies may be waiting
    bool peer_ended = false;      ///< we have read the peer's end of stream
    bool refused = false;         ///< the peer said that it refuses a line
    bool counted = true;          ///< the transport can count unacknowledged bytes

    stream() noexcept = default;
    explicit stream(instant now) noexcept : began{now}, progress_at_{now} {}

    instant began = {};  ///< when the connection was established

    [[nodiscard]] std::uint64_t unconfirmed() const noexcept { return bytes.written - confirmed; }

    // ---- acknowledged progress

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

    /// Restarts the peer's time.
    void wait(instant now) noexcept { progress_at_ = now; }
    [[nodiscard]] instant waiting_since() const noexcept { return progress_at_; }

    /// Applies the transport's report. True when the peer has acknowledged more than before.
    bool measure(instant now, ack_report report) noexcept {
        counted = report.unacknowledged.has_value();
        const std::uint64_t before = bytes.acknowledged();
        const std::uint64_t unread = (std::min<std::uint64_t>)(report.unread, bytes.written);
        bytes.unacknowledged =
            (std::min<std::uint64_t>)(report.unacknowledged.value_or(0), bytes.written);
        // An acknowledged byte stays acknowledged, whatever a transport says later.
        bytes.unacknowledged = (std::min)(bytes.unacknowledged, bytes.written - before);
        bytes.unread = (std::min)(unread, bytes.acknowledged());
        if (bytes.acknowledged() == before) {
            return false;
        }
        progress_at_ = now;
        asked_last_ = false;
        return true;
    }

    /// When the peer counts as stalled: no acknowledgement for `patience` while bytes wait for one.
    [[nodiscard]] instant stalled_at(nanoseconds patience) const noexcept {
        return waiting() ? progress_at_ + patience : instant::never();
    }

    // ---- when to ask

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
    void ask_later(instant now, const delivery_options& options) noexcept {
        pause_ = (std::min)(pause_ * 2, (std::max)(options.ack_poll_max, options.ack_poll_min));
        ask_at_ = now + pause_;
    }
    /// Lines wait for room in flight: an idle wait of ack_poll_min would bound the throughput.
    void poll_acks_busily(instant now, const delivery_options& options) noexcept {
        if (!hurried_) {
            hurried_ = true;
            pause_ = (std::min)(options.ack_poll_busy, options.ack_poll_min);
            ask_at_ = (std::min)(ask_at_, now + pause_);
        }
    }
    /// Schedules the final query before close. Worth it even when all is confirmed: the window
    /// tells what is unread. False when there is nothing to ask, or no need to ask again.
    bool final_query(instant now) noexcept {
        if (last_asked_ == now || asked_last_ || (confirmed == 0 && !uncertain())) {
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
        budget_ -= (std::min)(budget_, n);
        readable = readable && n != 0;
    }
    /// When reading may go on.
    [[nodiscard]] instant read_at() const noexcept {
        return readable && !peer_ended ? budget_until_ : instant::never();
    }

private:
    [[nodiscard]] bool waiting() const noexcept { return bytes.unacknowledged != 0 || starved_; }
    void start_waiting(instant now) noexcept {
        if (!waiting()) {
            progress_at_ = now;
        }
    }

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
