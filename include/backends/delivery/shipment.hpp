// SPDX-License-Identifier: BSL-1.0
//
// Delivery stage. The bytes on the living connection: which of the queue's bytes to write next, when
// the connection must be ended for them, what an acknowledgement confirms, and which line to
// suspect when a connection confirmed nothing.
#pragma once

#include <backends/core/time.hpp>
#include <backends/delivery/action.hpp>
#include <backends/delivery/confirmation.hpp>
#include <backends/delivery/ledger.hpp>
#include <backends/delivery/newlines.hpp>
#include <backends/delivery/options.hpp>
#include <backends/delivery/stream.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace backends::inline BACKENDS_ISA::detail {

template <class Confirmation, class Overflow>
class shipment {
public:
    explicit shipment(const delivery_options& options) : ledger{options}, options_{options} {}

    detail::ledger<Overflow> ledger;
    detail::stream stream;

    [[nodiscard]] const delivery_options& options() const noexcept { return options_; }
    [[nodiscard]] const line_queue& queue() const noexcept { return ledger.queue(); }
    [[nodiscard]] bool in_flight() const noexcept { return queue().begun() != 0; }
    [[nodiscard]] bool all_written() const noexcept { return queue().sent() == queue().size(); }
    /// What is not written is more than may be in flight beside what is, or the queue is no longer nearly
    /// empty.
    [[nodiscard]] bool short_of_room() const noexcept {
        return queue().size() - queue().sent() > room_in_flight() ||
               queue().size() > queue().capacity() / 4;
    }

    /// For a while lines can be written without asking how those before them fared: nothing waits for the
    /// answer, neither lines for room, in flight or in the queue, nor a level of confirmation, nor a suspect.
    [[nodiscard]] bool writes_freely() const noexcept {
        return Confirmation::holds == 0 && allowance_ == unbounded && !stream.write_blocked &&
               !short_of_room();
    }

    /// The connection must be ended now, so that its lines can be confirmed.
    [[nodiscard]] bool complete() const noexcept {
        if (Confirmation::holds == 0 || stream.unconfirmed() == 0 || queue().inside_line()) {
            return false;
        }
        const std::string_view unsent = queue().unsent();
        return Confirmation::remaining(stream.bytes) == 0 ||
               (!unsent.empty() && permitted(unsent) == 0);
    }

    void end_batch(instant now) noexcept {
        const bool written = stream.bytes.written != 0 && all_written();
        stream.bytes.batches += written;
        stream.readable = true;  // look for the peer's end of stream before writing on
        ledger.end_batch(now);
    }

    /// Lines that nobody wants any more leave, unless they have begun on the living connection.
    void expire(instant now) noexcept {
        if (options_.max_age.value != 0) {
            ledger.expire(instant{now.ns - options_.max_age.value});
        }
    }
    /// When the next lines will be too old.
    [[nodiscard]] instant expires_at() const noexcept {
        return options_.max_age.value == 0 ? instant::never()
                                           : queue().waiting_since() + options_.max_age;
    }

    /// What to write now; empty when nothing may be written yet.
    [[nodiscard]] std::span<const char> next_write(instant now) noexcept {
        if (stream.write_blocked) {
            return {};
        }
        const std::string_view unsent = queue().unsent();
        std::size_t n = permitted(unsent);
        const std::size_t room = room_in_flight();
        if (n > room) {
            // Many small writes cost more than waiting for an acknowledgement or two.
            const bool narrow = room < options_.max_in_flight / 4;
            n = narrow ? 0 : whole_lines(unsent.data(), room);
            if (n == 0 && !narrow && (queue().inside_line() || stream.bytes.unacknowledged == 0)) {
                n = room;  // a line longer than the room goes in pieces
            }
            if (n == 0) {
                stream.ask_busily(now, options_);
            }
        }
        return {unsent.data(), n};
    }

    // Each of the following is true when it confirmed a line.

    bool wrote(instant now, std::size_t n, outstanding report) noexcept {
        take(now, n);
        stream.measure(now, report);
        return confirm();
    }
    bool wrote(instant now, std::size_t n) noexcept {
        take(now, n);
        return confirm();
    }
    bool acknowledged(instant now, outstanding report) noexcept {
        if (learn(now, report)) {
            stream.ask_soon(now, options_);
        } else {
            stream.ask_later(now, options_);
        }
        return confirm();
    }
    bool acknowledged_meanwhile(instant now, outstanding report) noexcept {
        if (stream.measure(now, report)) {
            stream.ask_soon(now, options_);
        }
        return confirm();
    }
    bool measure(instant now, outstanding report) noexcept {
        learn(now, report);
        return confirm();
    }
    /// The peer has read everything and closed.
    bool ended() noexcept {
        stream.bytes.ended = true;
        unread_ = 0;
        return confirm();
    }

    /// The connection is over; what is not confirmed is to be sent again. True when it was of use:
    /// it confirmed a line, or there was none to confirm. `blame`: the peer's doing, not ours.
    bool over(bool blame) noexcept {
        ledger.counters.acked_unconfirmed += in_doubt();
        const std::uint64_t acknowledged = stream.bytes.acknowledged();
        const bool blamed = blame && in_flight() && stream.confirmed == 0;
        ledger.rewind(acknowledged <= stream.confirmed
                          ? 0
                          : static_cast<std::size_t>(acknowledged - stream.confirmed));
        const bool useful = stream.confirmed != 0 || queue().empty();
        if (blamed) {
            blame_oldest_line();
        }
        stream = {};
        unread_ = 0;
        return useful;
    }

private:
    void take(instant now, std::size_t n) noexcept {
        stream.bytes.batches += ledger.write(n);
        stream.wrote(now, n);
        stream.ask_soon(now, options_);
    }

    [[nodiscard]] std::size_t room_in_flight() const noexcept {
        const std::uint64_t waiting = stream.bytes.unacknowledged;
        return waiting >= options_.max_in_flight
                   ? 0
                   : static_cast<std::size_t>(options_.max_in_flight - waiting);
    }

    // How much of the unsent bytes the confirmation level and the suspicion permit: whole lines,
    // but always the rest of a line that has begun, and always the first line of a connection.
    [[nodiscard]] std::size_t permitted(std::string_view unsent) const noexcept {
        const std::uint64_t waiting = stream.unconfirmed();
        const std::uint64_t allowed =
            (std::min<std::uint64_t>)(Confirmation::remaining(stream.bytes),
                                      allowance_ - (std::min)(allowance_, waiting));
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

    // Bytes that are confirmed and that the peer had not read, as far as can be known.
    [[nodiscard]] std::uint64_t in_doubt() const noexcept {
        const std::uint64_t acknowledged = stream.bytes.acknowledged();
        const std::uint64_t read = acknowledged - (std::min)(acknowledged, unread_);
        return stream.confirmed - (std::min)(stream.confirmed, read);
    }

    // True when the peer has acknowledged more. A level that keeps nothing for the peer's reading
    // does not wait for it either.
    bool learn(instant now, outstanding report) noexcept {
        unread_ = report.unread;
        return stream.measure(
            now, Confirmation::holds == 0 ? outstanding{report.unacknowledged} : report);
    }

    bool confirm() noexcept {
        const std::uint64_t upto =
            (std::min)(Confirmation::confirmed(stream.bytes), stream.bytes.written);
        if (upto <= stream.confirmed) {
            return false;
        }
        const amount lines = ledger.confirm(static_cast<std::size_t>(upto - stream.confirmed));
        stream.confirmed += lines.bytes;
        if (lines.lines != 0 && allowance_ == unbounded) {
            suspects_ = 0;
        } else if (lines.lines != 0) {
            allowance_ = suspects_ < 2 ? unbounded : 2 * (std::max)(allowance_, lines.bytes);
            allowance_ = allowance_ < options_.max_in_flight ? allowance_ : unbounded;
        }
        return lines.lines != 0;
    }

    // A connection ended and confirmed nothing. The oldest line may be why, so from now on it
    // travels alone. Once it is confirmed, it was not: all lines behind it follow. When that fails
    // too they follow in doubling numbers, so that one among them is soon found.
    void blame_oldest_line() noexcept {
        if (suspect_ != queue().front()) {
            suspect_ = queue().front();
            ended_connections_ = 0;
            ++suspects_;
        }
        allowance_ = 1;
        if (++ended_connections_ == options_.poison_limit) {
            ledger.drop_line(drop_reason::poison);
            ended_connections_ = 0;
            ++suspects_;
        }
    }

    delivery_options options_;
    std::uint64_t allowance_ = unbounded;  // the most unconfirmed bytes, rounded up to a line
    std::uint64_t suspect_ = unbounded;    // no line yet
    unsigned ended_connections_ = 0;
    unsigned suspects_ = 0;  // different ones since a line was confirmed that did not travel alone
    std::uint64_t unread_ = 0;  // of what the peer acknowledged, as far as it was asked about
};

}  // namespace backends::detail
