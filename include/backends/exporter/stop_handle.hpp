// SPDX-License-Identifier: BSL-1.0
//
// A way to stop an exporter for who does not know whether it still exists.
#pragma once

#include <backends/core/time.hpp>
#include <backends/exporter/run_state.hpp>

#include <memory>
#include <system_error>
#include <utility>

namespace backends::inline BACKENDS_ISA {

/// Outlives its exporter: a thread that takes the program's signals, say, may ask for the end while
/// another one, or the completion handler of async_run, destroys the exporter.
///
/// Thread-safe. Copies stand for the same exporter.
class stop_handle {
public:
    explicit stop_handle(std::shared_ptr<detail::run_state> state) noexcept
        : state_{std::move(state)} {}

    /// As exporter::request_stop(). errc::stopped when the exporter has come to its end or is gone,
    /// errc::other_process in a fork's child.
    std::error_code request_stop(nanoseconds within) const { return state_->request(within); }

    /// Whether the exporter has come to its end or is gone.
    [[nodiscard]] bool finished() const noexcept { return state_->finished(); }

private:
    std::shared_ptr<detail::run_state> state_;
};

}  // namespace backends
