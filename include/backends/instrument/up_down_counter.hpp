// SPDX-License-Identifier: BSL-1.0
//
// Instrument: a number of things that come and go, such as open connections; any number of threads
// add to it and take from it.
#pragma once

#include <backends/core/inline.hpp>
#include <backends/instrument/instrument.hpp>
#include <backends/instrument/thread_cells.hpp>

#include <cstddef>
#include <cstdint>

namespace backends::inline BACKENDS_ISA {

/// As a dimension of a chart its sample is the number there is when the slot is taken.
///
/// @tparam Cells  how threads share it: thread_cells, shared_cells
template <counting_cells Cells = thread_cells>
class basic_up_down_counter {
public:
    using cells = Cells;
    static constexpr std::size_t words = 1;
    static constexpr bool is_monotonic = false;

    /// One by itself. Throws std::bad_alloc.
    basic_up_down_counter() = default;
    /// One of a chart.
    explicit basic_up_down_counter(detail::cell_place<Cells>& at) noexcept : share_{at} {}

    /// Any thread; what one adds another may subtract. Costs what counter::add costs.
    BACKENDS_INLINE void add(std::int64_t n = 1) noexcept {
        share_.cells().mine().add(share_.first(), static_cast<std::uint64_t>(n));
    }
    BACKENDS_INLINE void subtract(std::int64_t n = 1) noexcept {
        share_.cells().mine().add(share_.first(), -static_cast<std::uint64_t>(n));
    }

    /// What was added less what was subtracted, modulo 2^64. Any thread.
    [[nodiscard]] std::int64_t value() const noexcept {
        return static_cast<std::int64_t>(share_.cells().sum(share_.first()));
    }

    /// For the sampler.
    [[nodiscard]] sampled<std::int64_t> sample() const noexcept { return {value(), true}; }

private:
    detail::cell_share<Cells, words> share_;
};

using up_down_counter = basic_up_down_counter<>;

}  // namespace backends
