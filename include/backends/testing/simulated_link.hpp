// SPDX-License-Identifier: BSL-1.0
//
// Testing. One TCP connection as two kernels and the peer's program see it, as counts of bytes
// since its start. Models Linux, as measured on loopback: acknowledged is not read, a reset takes
// the unread bytes with it, and closing with replies unread resets.
#pragma once

#include <backends/isa.hpp>
#include <backends/testing/record_cutter.hpp>
#include <backends/testing/simulated_answers.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

namespace backends::inline BACKENDS_ISA::testing {

/// A range of bytes that kills the peer's program.
struct fatal_bytes {
    std::uint64_t first = (std::numeric_limits<std::uint64_t>::max)();  ///< an offset in the stream
    /// The offset after the last one.
    std::uint64_t last = (std::numeric_limits<std::uint64_t>::max)();
    bool on_arrival = false;  ///< its machine refuses them; otherwise the program dies reading them
};

/// read <= arrived <= written, acknowledged <= arrived, and arrived - read <= receive_buffer.
class simulated_link {
public:
    std::uint64_t written = 0;       ///< taken by our kernel
    std::uint64_t arrived = 0;       ///< in the peer's kernel
    std::uint64_t acknowledged = 0;  ///< of these, as our kernel knows
    std::uint64_t read = 0;          ///< by the peer's program
    std::uint64_t reported = 0;      ///< acknowledged bytes by the last report
    std::uint64_t arrivals = 0;      ///< bytes in the peer's kernel by the last report of them
    std::uint64_t unseen = 0;        ///< those that no report counted when we closed

    std::size_t send_buffer = 256;     ///< bytes that our kernel holds
    std::size_t receive_buffer = 256;  ///< bytes that the peer's holds
    std::size_t replies = 0;           ///< bytes from the peer that wait for us
    bool floods = false;               ///< the peer never stops replying
    bool answers_end = true;           ///< the peer closes when it has read our end of stream
    bool dead = false;                 ///< reset: the next operation fails
    bool died = false;                 ///< the peer's program lost its unread bytes
    bool peer_ended = false;           ///< the peer's end of stream travels after its replies
    bool peer_closed = false;          ///< nobody reads there; new bytes are answered by a reset
    bool half_closed = false;          ///< our side is closed
    bool drops_data = false;           ///< a silent hole in our direction
    bool drops_answers = false;        ///< a silent hole in the other direction
    bool local_error = false;          ///< our own kernel fails the next operation
    bool aborted = false;              ///< we ended the connection with a reset
    bool delivered_end = false;        ///< the peer's program has read our ordinary end of stream
    unsigned doomed = 0;               ///< the peer resets after so many turns; 0: never
    unsigned busy = 0;                 ///< so many writes find no room
    std::size_t largest_write = (std::numeric_limits<std::size_t>::max)();  ///< bytes of a write
    fatal_bytes fatal;             ///< what kills the peer's program
    bool told = true;              ///< the last report is still true
    bool program_answers = false;  ///< acknowledged is what the peer's program has answered
    simulated_answers answers;     ///< where it does

    /// Bytes that our kernel would take now.
    [[nodiscard]] std::size_t room() const noexcept {
        const std::uint64_t waiting = written - acknowledged;
        return waiting >= send_buffer
                   ? 0
                   : (std::min)(largest_write, send_buffer - static_cast<std::size_t>(waiting));
    }

    /// How many of these bytes our side would take now. Where the program answers, a request holds
    /// whole lines: a transport of that kind takes these, at least one, and else what there is.
    [[nodiscard]] std::size_t taken_of(std::span<const char> bytes) const noexcept {
        const std::size_t n = (std::min)(bytes.size(), room());
        if (!program_answers || n == 0) {
            return n;
        }
        std::size_t last = 0;
        record_cutter cutter = answers.cutter;
        for (std::size_t i = 0; i != bytes.size() && (i < n || last == 0); ++i) {
            last = cutter.ends_with(bytes[i]) ? i + 1 : last;
        }
        return last != 0 ? last : n;
    }

    /// Our kernel takes these bytes.
    void take(std::span<const char> bytes) {
        written += bytes.size();
        told = false;
        if (program_answers) {
            answers.wrote(bytes);
        }
    }

    /// Reports the unacknowledged bytes.
    std::size_t report() noexcept {
        const std::uint64_t known = program_answers ? answers.heard() : acknowledged;
        reported = (std::max)(reported, known);
        told = true;
        return static_cast<std::size_t>(written - known);
    }

    /// Reports the bytes that the peer's kernel has acknowledged.
    std::uint64_t report_arrivals() noexcept { return arrivals = acknowledged; }

    /// Lets up to so many bytes arrive, be acknowledged, and be read.
    void flow(std::size_t arrive, std::size_t acknowledge, std::size_t reads) noexcept {
        if (dead) {
            return;
        }
        told = false;
        if (doomed != 0 && --doomed == 0) {
            reset();
            return;
        }
        if (!drops_data) {
            if (peer_closed) {
                dead = dead || (written != arrived && !drops_answers);
            } else {
                const auto window = static_cast<std::size_t>(
                    receive_buffer - (std::min<std::uint64_t>)(receive_buffer, arrived - read));
                arrived += (std::min<std::uint64_t>)({arrive, written - arrived, window});
                if (fatal.on_arrival && arrived >= fatal.last) {
                    arrived = (std::max)({read, fatal.first, acknowledged});
                    reset();
                    return;
                }
            }
        }
        if (!drops_answers) {
            acknowledged += (std::min<std::uint64_t>)(acknowledge, arrived - acknowledged);
        }
        if (!peer_closed) {
            reads_up_to(read + reads);
        }
        if (program_answers && !drops_answers) {
            answers.read_up_to(read);
            answers.travel(acknowledge);
        }
    }

    /// The peer's program dies, or its machine resets the connection: unread bytes are lost.
    void reset() noexcept {
        died = true;
        dead = dead || !drops_answers;
        peer_closed = true;
        arrived = (std::max)(read, (std::min)(arrived, acknowledged));
        told = false;
    }

    /// The peer's program closes. With bytes unread its kernel answers with a reset.
    void peer_closes() noexcept {
        if (dead || peer_closed) {
            return;
        }
        if (read != arrived) {
            reset();
        } else {
            peer_closed = true;
            peer_ended = !drops_answers;
        }
    }

    /// We close. Our kernel still sends its bytes, and an ordinary end of stream after them, unless
    /// a reset ends that too. `luck` decides how much of it is read in the end.
    void abandon(std::uint64_t luck) noexcept {
        unseen = acknowledged - arrivals;
        if (dead || peer_closed) {
            return;
        }
        const bool refused = replies != 0 || floods;
        const bool lasts = !drops_data && luck % 4 != 0;
        if (!refused && lasts) {
            for (std::uint64_t before = written + 1; before != read && !dead;) {
                before = read;
                flow(receive_buffer, receive_buffer, receive_buffer);
            }
            delivered_end = !dead && read == written;
        } else {
            reset_by_us(luck);
        }
    }

    /// We close with a reset. Bytes that have not arrived never do.
    void abort(std::uint64_t luck) noexcept {
        aborted = true;
        unseen = acknowledged - arrivals;
        if (!dead && !peer_closed) {
            reset_by_us(luck);
        }
    }

private:
    // A reset after the data takes no arrived bytes from the peer.
    void reset_by_us(std::uint64_t luck) noexcept {
        reads_up_to(read + (luck >> 8) % (receive_buffer + 1));
        died = true;
    }
    void reads_up_to(std::uint64_t end) noexcept {
        end = (std::min)(end, arrived);
        if (!fatal.on_arrival && end >= fatal.last && read < fatal.last) {
            read = (std::max)(read, fatal.first);
            reset();
            return;
        }
        read = end;
        if (half_closed && answers_end && read == written) {
            peer_closed = true;
            peer_ended = !drops_answers;
        }
    }
};

}  // namespace backends::testing
