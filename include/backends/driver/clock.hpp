// SPDX-License-Identifier: BSL-1.0
//
// The two clocks of an exporter. The steady clock schedules and measures deadlines; the system's
// clock only stamps lines, so setting it changes no schedule and loses no sample.
#pragma once

#include <backends/core/time.hpp>
#include <backends/core/wall_clock.hpp>

#include <concepts>

namespace backends::inline BACKENDS_ISA {

/// - `steady_now()`  never goes back
/// - `system_now()`  Unix time; may jump
template <class C>
concept clock = requires {
    { C::steady_now() } noexcept -> std::same_as<instant>;
    { C::system_now() } noexcept -> std::same_as<unix_seconds>;
};

/// The machine's clocks.
struct system_clock {
    static instant steady_now() noexcept { return monotonic_clock(); }
    static unix_seconds system_now() noexcept { return wall_clock().second; }
};

}  // namespace backends
