// SPDX-License-Identifier: BSL-1.0
//
// The queue that a cycle writes to while delivery goes on. A large cycle that wrote all of its
// lines before sending the first would send every one from cold memory, and would need a queue that
// holds them all.
#pragma once

#include <backends/core/counters.hpp>
#include <backends/core/extremes.hpp>
#include <backends/core/time.hpp>

#include <cstddef>

namespace backends::inline BACKENDS_ISA {

/// The delivery machine's interface for a producer, which also runs a step of delivery after every
/// slice of lines.
///
/// @tparam Shipping  has the members of shipping.hpp: lines(), step(instant), which does not throw
template <class Shipping>
class sliced_queue {
public:
    /// In bytes. A slice is still in the cache when it is sent, the receiver takes one while the
    /// cycle writes the next, and a system call is cheap compared to it. With the last chart's
    /// lines a slice is two segments of the loopback interface, of 65,483 bytes. It does not begin
    /// a third, which would cost as much as a full one (docs/performance.md).
    static constexpr std::size_t largest_slice = std::size_t{124} << 10;

    /// For one cycle, which takes no time: every step is of `now`.
    sliced_queue(Shipping& shipping, instant now) noexcept
        : shipping_{shipping},
          now_{now},
          slice_{detail::smaller(largest_slice, shipping.lines().queue().capacity() / 4,
                                 shipping.lines().options().max_in_flight / 2)} {}

    /// As delivery::fits().
    [[nodiscard]] bool fits(std::size_t n) const noexcept { return shipping_.lines().fits(n); }
    /// As delivery::reserve().
    [[nodiscard]] char* reserve(std::size_t n) noexcept { return shipping_.lines().reserve(n); }
    /// As delivery::commit(); a full slice is then sent.
    void commit(std::size_t bytes, std::size_t lines) noexcept {
        shipping_.lines().commit(bytes, lines);
        waiting_ += bytes;
        if (waiting_ >= slice_) [[unlikely]] {
            waiting_ = 0;
            shipping_.step(now_);
        }
    }
    /// As delivery::refuse().
    void refuse(std::size_t bytes, std::size_t lines) noexcept {
        shipping_.lines().refuse(bytes, lines);
    }
    /// As delivery::counters().
    [[nodiscard]] const delivery_counters& counters() const noexcept {
        return shipping_.lines().counters();
    }

private:
    Shipping& shipping_;
    instant now_;
    std::size_t slice_;
    // Bytes since the last step. The first slice is half as large, so that the receiver begins
    // early.
    std::size_t waiting_ = slice_ / 2;
};

}  // namespace backends
