// SPDX-License-Identifier: BSL-1.0
//
// Instrument: a counter of events that any number of threads add to. It only grows.
#pragma once

#include <backends/core/inline.hpp>
#include <backends/instrument/instrument.hpp>
#include <backends/instrument/thread_cells.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>

namespace backends::inline BACKENDS_ISA {

/// As a dimension of a chart its samples are the events of a slot: the sum over any window is the
/// number of events in it, however late the sampler was. What is collected is the total, in 64
/// bits.
///
/// @tparam Cells  how threads share it: thread_cells, shared_cells
template <counting_cells Cells = thread_cells>
class basic_counter {
public:
    using cells = Cells;
    static constexpr std::size_t words = 1;
    static constexpr bool is_monotonic = true;

    /// A counter by itself. Throws std::bad_alloc.
    basic_counter() = default;
    /// One of a chart.
    explicit basic_counter(detail::cell_place<Cells>& at) noexcept : share_{at} {}

    /// Counts n events. Any thread. With thread_cells under 1 ns; a thread's first call allocates.
    BACKENDS_INLINE void add(std::uint64_t n = 1) noexcept {
        share_.cells().mine().add(share_.first(), n);
    }

    /// A thread that adds a lot spares the way to its cells.
    class writer_type {
    public:
        void add(std::uint64_t n = 1) noexcept { held_.cells().add(held_.first(), n); }

    private:
        friend basic_counter;
        explicit writer_type(detail::held_share<Cells> of) noexcept : held_{std::move(of)} {}

        detail::held_share<Cells> held_;
    };
    /// For one thread at a time. Must not outlive the counter. Some 100 ns; allocates unless an
    /// earlier writer is gone.
    [[nodiscard]] writer_type writer() noexcept {
        return writer_type{detail::held_share<Cells>{share_}};
    }

    /// All events so far, modulo 2^64: those whose add() happens before this call, and any part of
    /// those that run at the same time. Any thread.
    [[nodiscard]] std::uint64_t total() const noexcept {
        return share_.cells().sum(share_.first());
    }

    /// For the sampler.
    [[nodiscard]] sampled<std::uint64_t> sample() const noexcept { return {total(), true}; }

private:
    detail::cell_share<Cells, words> share_;
};

using counter = basic_counter<>;

}  // namespace backends
