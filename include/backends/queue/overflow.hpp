// SPDX-License-Identifier: BSL-1.0
//
// Queue: Concept overflow_policy: which lines go when the queue is full, or holds more
// waiting batches than the user wants to keep. Models: drop_oldest, drop_newest. Neither can touch
// a line that has begun on the living connection; the queue does not let them.
#pragma once

#include <backends/core/counters.hpp>
#include <backends/queue/line_queue.hpp>

#include <concepts>
#include <cstddef>
#include <string_view>

namespace backends::inline BACKENDS_ISA {

/// make_room(queue, n) is called when reserve(n) found no room, and drops what it likes so that the
/// next reserve(n) may succeed; when it does not, the caller's line is refused and counted.
/// trim(queue, most) is called at the end of a batch and leaves at most `most` waiting batches.
/// Both return what they dropped.
template <class Policy>
concept overflow_policy = requires(line_queue& queue, std::size_t n) {
    { Policy::name } -> std::convertible_to<std::string_view>;
    { Policy::make_room(queue, n) } noexcept -> std::same_as<amount>;
    { Policy::trim(queue, n) } noexcept -> std::same_as<amount>;
};

/// The oldest batch goes first: after an outage the receiver gets the newest data. The default.
struct drop_oldest {
    static constexpr std::string_view name = "drop_oldest";

    static amount make_room(line_queue& queue, std::size_t n) noexcept {
        amount dropped;
        if (n > queue.capacity() - queue.in_flight()) {
            return dropped;  // nothing that may go would be enough
        }
        while (!queue.fits(n)) {
            dropped += queue.drop_oldest_batch();
        }
        return dropped;
    }

    static amount trim(line_queue& queue, std::size_t most) noexcept {
        amount dropped;
        while (queue.waiting_batches() > most) {
            dropped += queue.drop_oldest_batch();
        }
        return dropped;
    }
};

/// What is queued stays, what comes is refused: after an outage the receiver gets the time right
/// after it began, without a hole, and then a hole up to now.
struct drop_newest {
    static constexpr std::string_view name = "drop_newest";

    static amount make_room(line_queue&, std::size_t) noexcept { return {}; }

    static amount trim(line_queue& queue, std::size_t most) noexcept {
        amount dropped;
        while (queue.waiting_batches() > most) {
            dropped += queue.drop_newest_batch();
        }
        return dropped;
    }
};

}  // namespace backends
