// SPDX-License-Identifier: BSL-1.0
//
// Queue: Concept overflow_policy: which lines go when the queue is full, or when more batches wait
// than the user wants to keep. Models: drop_oldest, drop_newest. The queue lets neither touch a
// line that has begun on the living connection.
#pragma once

#include <backends/core/counters.hpp>
#include <backends/core/record_end.hpp>
#include <backends/queue/line_queue.hpp>

#include <concepts>
#include <cstddef>
#include <string_view>

namespace backends::inline BACKENDS_ISA {

/// Drops lines of a full queue. Both functions return what they dropped.
///
/// - `name`  the option's name
/// - `make_room(queue, n)`  the queue's owner calls it when reserve(n) found no room: drops lines
///   of its choice so that the next reserve(n) may succeed; when that fails, the owner refuses and
///   counts the caller's line
/// - `trim(queue, most)`  leaves at most `most` waiting batches, at the end of a batch
///
/// A policy whose functions are templates takes every record_queue; others take lines of text.
template <class Policy>
concept overflow_policy = requires(line_queue& queue, std::size_t n) {
    { Policy::name } -> std::convertible_to<std::string_view>;
    { Policy::make_room(queue, n) } noexcept -> std::same_as<amount>;
    { Policy::trim(queue, n) } noexcept -> std::same_as<amount>;
};

namespace detail {
template <class Policy, class Queue>
concept drops_lines_of = requires(Queue& queue, std::size_t n) {
    Policy::make_room(queue, n);
    Policy::trim(queue, n);
};
}  // namespace detail

/// Drops the oldest batch first: after an outage the receiver gets the newest data. The default.
struct drop_oldest {
    static constexpr std::string_view name = "drop_oldest";

    template <record_end Ends>
    static amount make_room(record_queue<Ends>& queue, std::size_t n) noexcept {
        amount dropped;
        if (n > queue.capacity() - queue.in_flight()) {
            return dropped;  // dropping every line that may go would not be enough
        }
        while (!queue.fits(n)) {
            dropped += queue.drop_oldest_batch();
        }
        return dropped;
    }

    template <record_end Ends>
    static amount trim(record_queue<Ends>& queue, std::size_t most) noexcept {
        amount dropped;
        while (queue.waiting_batches() > most) {
            dropped += queue.drop_oldest_batch();
        }
        return dropped;
    }
};

/// Keeps the queued lines and refuses new ones: after an outage the receiver gets the data from its
/// beginning, without a hole, and then a hole up to now.
struct drop_newest {
    static constexpr std::string_view name = "drop_newest";

    template <record_end Ends>
    static amount make_room(record_queue<Ends>&, std::size_t) noexcept {
        return {};
    }

    template <record_end Ends>
    static amount trim(record_queue<Ends>& queue, std::size_t most) noexcept {
        amount dropped;
        while (queue.waiting_batches() > most) {
            dropped += queue.drop_newest_batch();
        }
        return dropped;
    }
};

}  // namespace backends
