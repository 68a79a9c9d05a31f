// SPDX-License-Identifier: BSL-1.0
//
// Queue: The account of the queue's lines. A line changes its state here and nowhere else, so the
// counters of the identity change here and nowhere else.
#pragma once

#include <backends/core/counters.hpp>
#include <backends/core/errors.hpp>
#include <backends/core/joined.hpp>
#include <backends/core/raise.hpp>
#include <backends/core/record_end.hpp>
#include <backends/core/time.hpp>
#include <backends/queue/line_queue.hpp>

#include <cstddef>
#include <cstdint>
#include <new>
#include <string>

namespace backends::inline BACKENDS_ISA::detail {

template <class Overflow, record_end Ends = record_end::newline>
class account {
public:
    /// Room for so many bytes of lines, and for the batches that may wait and those in flight.
    account(std::size_t bytes, std::size_t batches) try
        : queue_{bytes, batches + 32}, batches_{batches} {
    } catch (const std::bad_alloc&) {
        detail::refuse("queue_bytes", number_text(bytes), "there is not so much memory");
    }

    delivery_counters counters;

    [[nodiscard]] const record_queue<Ends>& queue() const noexcept { return queue_; }

    // ---- the producer's side

    [[nodiscard]] char* reserve(std::size_t n) noexcept {
        if (closed_) [[unlikely]] {
            return nullptr;
        }
        if (char* room = queue_.reserve(n)) [[likely]] {
            return room;
        }
        return make_room(n);
    }
    [[nodiscard]] bool fits(std::size_t n) const noexcept { return !closed_ && queue_.fits(n); }

    void commit(amount lines) noexcept {
        queue_.commit(lines.bytes);
        counters.accepted += lines;
        counters.queued += lines;
    }

    /// Counts lines that found no room.
    void refuse(amount lines) noexcept {
        const drop_reason reason = closed_                           ? drop_reason::shutdown
                                   : lines.bytes > queue_.capacity() ? drop_reason::oversize
                                                                     : drop_reason::overflow;
        counters.accepted += lines;
        counters.queued += lines;
        drop(lines, reason);
    }

    void end_batch(instant now) noexcept {
        queue_.end_batch(now);
        drop(Overflow::trim(queue_, batches_), drop_reason::overflow);
    }

    /// From now on there is no room for a line.
    void close() noexcept { closed_ = true; }
    [[nodiscard]] bool closed() const noexcept { return closed_; }

    // ---- the connection's side

    /// Drops the batches that have not begun and were ended at `limit` or earlier.
    void expire(instant limit) noexcept {
        while (queue_.waiting_since() <= limit) {
            drop(queue_.drop_oldest_batch(), drop_reason::expired);
        }
    }

    /// The connection took n bytes. Returns how many batches it has now taken to their end.
    std::size_t write(std::size_t n) noexcept {
        const auto lines = queue_.write(n, counters.queued.lines);
        counters.queued -= lines.all;
        counters.in_flight += lines.all;
        counters.replayed += lines.again;
        counters.sent_bytes += n;
        ++counters.writes;
        return lines.batches;
    }

    /// Counts the connection's oldest n bytes as delivered; the whole lines among them leave.
    amount confirm(std::size_t n) noexcept {
        const amount lines = queue_.release(n, counters.in_flight.lines);
        counters.in_flight -= lines;
        counters.confirmed += lines;
        return lines;
    }

    /// The receiver refused the n bytes after the connection's first `first` unconfirmed ones for
    /// good: the whole lines among them leave.
    amount reject(std::size_t first, std::size_t n) noexcept {
        const amount lines = queue_.take_out(first, n);
        counters.in_flight -= lines;
        counters.queued += lines;
        drop(lines, drop_reason::rejected);
        return lines;
    }

    /// Lets the living connection, which has begun nothing, do without the oldest lines.
    bool hold_back(std::size_t lines) noexcept { return queue_.hold_back(lines); }

    /// The connection is over, and the peer acknowledged `acknowledged` of its kept bytes.
    void rewind(std::size_t acknowledged) noexcept {
        // A better guess at where the peer's bytes end does not exist.
        if (queue_.inside_line() || !queue_.starts_line(queue_.held() + acknowledged)) {
            ++counters.torn_tails;
        }
        queue_.rewind();
        counters.queued += counters.in_flight;
        counters.in_flight = {};
    }

    void drop_line(drop_reason reason) noexcept { drop(queue_.drop_oldest_line(), reason); }
    /// O(1) except for the batches' ends. Precondition: no connection lives.
    void drop_all(drop_reason reason) noexcept {
        drop(queue_.clear(counters.queued.lines), reason);
    }

private:
    // Runs seldom, so it stays out of the code that calls reserve().
    [[nodiscard, gnu::noinline]] char* make_room(std::size_t n) noexcept {
        drop(Overflow::make_room(queue_, n), drop_reason::overflow);
        return queue_.reserve(n);
    }
    void drop(amount lines, drop_reason reason) noexcept {
        if (lines.lines != 0) {
            counters.queued -= lines;
            counters.dropped[static_cast<std::size_t>(reason)] += lines;
            ++counters.discards;
        }
    }

    record_queue<Ends> queue_;
    std::size_t batches_;
    bool closed_ = false;
};

}  // namespace backends::detail
