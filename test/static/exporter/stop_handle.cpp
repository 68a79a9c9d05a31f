// SPDX-License-Identifier: BSL-1.0
//
// A stop handle knows nothing of its exporter's types, and stands in a program's own signal
// handling.
#include <backends/exporter/stop_handle.hpp>

#include <backends/core/time.hpp>

#include <csignal>
#include <system_error>
#include <type_traits>
#include <utility>

namespace {

static_assert(std::is_copy_constructible_v<backends::stop_handle>);
static_assert(std::is_same_v<decltype(std::declval<const backends::stop_handle&>().request_stop(
                                 backends::seconds{1})),
                             std::error_code>);

//! [stopper]
// A thread that waits for the program's end; by then the exporter may have come to its own.
[[maybe_unused]] void stop_at_signal(const backends::stop_handle& exporter,
                                     const sigset_t& signals) {
    int which = 0;
    sigwait(&signals, &which);
    if (exporter.request_stop(backends::seconds{2}) == backends::errc::stopped) {
        // There is nothing left to stop.
    }
}
//! [stopper]

}  // namespace
