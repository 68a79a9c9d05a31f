// SPDX-License-Identifier: BSL-1.0
//
// Delivery stage. The bytes on the living connection: which of the queue's bytes to write next,
// when to end the connection for them, what an acknowledgement confirms, and which line to suspect
// when a connection confirmed nothing.
#pragma once

#include <backends/core/as.hpp>
#include <backends/core/time.hpp>
#include <backends/delivery/action.hpp>
#include <backends/delivery/confirmation.hpp>
#include <backends/delivery/options.hpp>
#include <backends/delivery/stream.hpp>
#include <backends/delivery/suspicion.hpp>
#include <backends/queue/ledger.hpp>
#include <backends/queue/newlines.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

namespace backends::inline BACKENDS_ISA::detail {

template <class Confirmation, class Overflow>
class shipment {
public:
    shipment(const delivery_options& options, std::size_t destinations)
        : ledger{options.queue_bytes, options.batches},
          options_{options},
          suspicion_{options.poison_limit, destinations} {}

    detail::ledger<Overflow> ledger;
    detail::stream stream;

    [[nodiscard]] const delivery_options& options() const noexcept { return options_; }
    [[nodiscard]] const line_queue& queue() const noexcept { return ledger.queue(); }
    [[nodiscard]] bool in_flight() const noexcept { return queue().in_flight() != 0; }
    /// True when an ordinary close would end the stream inside a line, or would deliver lines that
    /// are to be sent again.
    [[nodiscard]] bool must_reset() const noexcept {
        const bool all_acknowledged = stream.counted && stream.bytes.unacknowledged == 0;
        return queue().inside_line() || (in_flight() && !all_acknowledged);
    }
    [[nodiscard]] bool all_written() const noexcept { return queue().sent() == queue().size(); }
    /// True when more is unsent than the window admits, or the queue is more than a quarter full.
    [[nodiscard]] bool short_of_room() const noexcept {
        return queue().size() - queue().sent() > room_in_flight() ||
               queue().size() > queue().capacity() / 4;
    }

    /// True when nothing depends on acknowledgements yet: there is room in flight and in the queue,
    /// the confirmation level needs none, and no line is suspected.
    [[nodiscard]] bool writes_freely() const noexcept {
        return Confirmation::holds == 0 && suspicion_.allowance() == unbounded &&
               !stream.write_blocked && !short_of_room();
    }

    /// True when the connection must end now, to confirm its lines, or to give a held-back
    /// suspected line its turn.
    [[nodiscard]] bool complete() const noexcept {
        if (stream.bytes.written == 0 || queue().inside_line()) {
            return false;
        }
        if (queue().held() != 0 && (stream.unconfirmed() == 0 || Confirmation::holds != 0)) {
            return true;
        }
        if (Confirmation::holds == 0 || stream.unconfirmed() == 0) {
            return false;
        }
        const std::string_view unsent = queue().unsent();
        return Confirmation::remaining(stream.bytes) == 0 ||
               (!unsent.empty() && permitted(unsent) == 0);
    }

    /// The unwritten rest of the batch that has begun.
    [[nodiscard]] std::size_t rest_of_batch() const noexcept {
        return queue().batch_end() - queue().sent();
    }
    /// The connection confirmed a line, or there was none to confirm.
    [[nodiscard]] bool useful() const noexcept { return stream.confirmed != 0 || queue().empty(); }

    /// A connection to a destination is established.
    void open(instant now, std::size_t destination) noexcept {
        stream = detail::stream{now};
        std::size_t held = suspicion_.opened(queue().position(), destination);
        while (held != 0 && !ledger.hold_back(held)) {
            held = suspicion_.too_few();
        }
    }

    void end_batch(instant now) noexcept {
        const bool written = stream.bytes.written != 0 && all_written();
        stream.bytes.batches += written;
        stream.readable = true;  // look for the peer's end of stream before writing on
        ledger.end_batch(now);
    }

    /// Drops lines that are too old, unless they have begun on the living connection.
    void expire(instant now) noexcept {
        if (options_.max_age.value != 0) {
            ledger.expire(now + nanoseconds{-options_.max_age.value});
        }
    }
    /// When the next lines become too old.
    [[nodiscard]] instant expires_at() const noexcept {
        return options_.max_age.value == 0 ? instant::never()
                                           : queue().waiting_since() + options_.max_age;
    }

    /// What to write now, at most `most` bytes; empty when nothing may be written yet.
    [[nodiscard]] std::span<const char> next_write(
        instant now, std::size_t most = (std::numeric_limits<std::size_t>::max)()) noexcept {
        if (stream.write_blocked) {
            return {};
        }
        const std::string_view unsent = queue().unsent().substr(0, most);
        std::size_t n = permitted(unsent);
        const std::size_t room = room_in_flight();
        if (n > room) {
            // Many small writes cost more than a wait for an acknowledgement or two.
            const bool narrow = room < options_.max_in_flight / 4;
            n = narrow ? 0 : whole_lines(unsent.data(), room);
            if (n == 0 && !narrow && (queue().inside_line() || stream.bytes.unacknowledged == 0)) {
                n = room;  // a line longer than the room goes in pieces
            }
            if (n == 0) {
                stream.poll_acks_busily(now, options_);
            }
        }
        return {unsent.data(), n};
    }

    // Each of the following returns true when it confirmed a line.

    bool wrote(instant now, std::size_t n, ack_report report) noexcept {
        take(now, n);
        stream.measure(now, report);
        return confirm();
    }
    bool wrote(instant now, std::size_t n) noexcept {
        take(now, n);
        return confirm();
    }
    bool acknowledged(instant now, ack_report report) noexcept {
        if (learn(now, report)) {
            stream.poll_acks_soon(now, options_);
        } else {
            stream.ask_later(now, options_);
        }
        return confirm();
    }
    bool acknowledged_meanwhile(instant now, ack_report report) noexcept {
        if (stream.measure(now, report)) {
            stream.poll_acks_soon(now, options_);
        }
        return confirm();
    }
    [[gnu::noinline]] bool measure(instant now, ack_report report) noexcept {
        learn(now, report);
        return confirm();
    }
    /// The peer has read everything and closed.
    bool ended() noexcept {
        stream.bytes.ended = true;
        unread_ = 0;
        return confirm();
    }

    /// Ends the connection; unconfirmed lines are to be sent again. True when it was useful: it
    /// confirmed a line, or there was none to confirm. `blame`: the peer ended it, not we.
    bool over(bool blame) noexcept {
        ledger.counters.acked_unconfirmed += in_doubt();
        const std::uint64_t acknowledged = stream.bytes.acknowledged();
        const bool blamed = blame && in_flight() && stream.confirmed == 0;
        const std::uint64_t first = queue().position(queue().held());
        const std::uint64_t end = queue().position(queue().begun());
        ledger.rewind(acknowledged <= stream.confirmed
                          ? 0
                          : detail::as<std::size_t>(acknowledged - stream.confirmed));
        const bool useful = this->useful();
        if (blamed && suspicion_.ended(first, end, stream.refused)) {
            drop_poison();
        }
        stream = {};
        unread_ = 0;
        return useful;
    }

private:
    void take(instant now, std::size_t n) noexcept {
        stream.bytes.batches += ledger.write(n);
        stream.wrote(now, n);
        stream.poll_acks_soon(now, options_);
    }

    [[nodiscard]] std::size_t room_in_flight() const noexcept {
        const std::uint64_t waiting = stream.bytes.unacknowledged;
        return waiting >= options_.max_in_flight
                   ? 0
                   : detail::as<std::size_t>(options_.max_in_flight - waiting);
    }

    // The unsent bytes that the confirmation level and the suspicion permit: whole lines, but
    // always the rest of a line that has begun, and always the first line of a connection.
    [[nodiscard]] std::size_t permitted(std::string_view unsent) const noexcept {
        const std::uint64_t waiting = stream.unconfirmed();
        const std::uint64_t allowed =
            (std::min<std::uint64_t>)(Confirmation::remaining(stream.bytes),
                                      suspicion_.allowance() -
                                          (std::min)(suspicion_.allowance(), waiting));
        if (allowed >= unsent.size()) {
            return unsent.size();
        }
        std::size_t n = whole_lines(unsent.data(), static_cast<std::size_t>(allowed));
        if (n == 0 && (queue().inside_line() || waiting == 0)) {
            n = first_line(unsent.data(), unsent.size());
            n = n == 0 ? unsent.size() : n;
        }
        return n;
    }

    // Bytes that are confirmed although the peer had not read them, as far as we can know.
    [[nodiscard]] std::uint64_t in_doubt() const noexcept {
        const std::uint64_t acknowledged = stream.bytes.acknowledged();
        const std::uint64_t read = acknowledged - (std::min)(acknowledged, unread_);
        return stream.confirmed - (std::min)(stream.confirmed, read);
    }

    // True when the peer has acknowledged more. A level that keeps no lines until the peer reads
    // them does not count its unread bytes either.
    bool learn(instant now, ack_report report) noexcept {
        unread_ = report.unread;
        return stream.measure(
            now, Confirmation::holds == 0 ? ack_report{report.unacknowledged} : report);
    }

    bool confirm() noexcept {
        const std::uint64_t upto =
            (std::min)(Confirmation::confirmed(stream.bytes), stream.bytes.written);
        if (upto <= stream.confirmed) {
            return false;
        }
        const amount lines = ledger.confirm(detail::as<std::size_t>(upto - stream.confirmed));
        stream.confirmed += lines.bytes;
        if (lines.lines != 0 &&
            suspicion_.confirmed(queue().position(), lines.bytes, options_.max_in_flight)) {
            drop_poison();
        }
        return lines.lines != 0;
    }

    void drop_poison() noexcept {
        ledger.drop_line(drop_reason::poison);
        suspicion_.dropped();
    }

    delivery_options options_;
    detail::suspicion suspicion_;
    std::uint64_t unread_ = 0;  // acknowledged, and unread at the last question
};

}  // namespace backends::detail
