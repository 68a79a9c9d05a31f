// SPDX-License-Identifier: BSL-1.0
//
// Stops an exporter that may be gone already.
#pragma once

#include <backends/core/counted.hpp>
#include <backends/core/time.hpp>
#include <backends/exporter/run_state.hpp>

#include <system_error>
#include <utility>

namespace backends::inline BACKENDS_ISA {

/// Outlives its exporter: one thread, for example one that takes the program's signals, may ask for
/// the end while another one, or the completion handler of async_run, destroys the exporter.
///
/// Thread-safe. Copies refer to the same exporter.
class stop_handle {
public:
    /// Use exporter::stopper().
    explicit stop_handle(detail::counted_ptr<detail::run_state> state) noexcept
        : state_{std::move(state)} {}

    /// Like exporter::request_stop(). Returns errc::stopped when the exporter has ended or is gone,
    /// errc::other_process in a fork's child.
    std::error_code request_stop(nanoseconds within) const noexcept {
        return state_->request(within);
    }

    /// Whether the exporter has ended or is gone.
    [[nodiscard]] bool finished() const noexcept { return state_->finished(); }

private:
    detail::counted_ptr<detail::run_state> state_;
};

}  // namespace backends
