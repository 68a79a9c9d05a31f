// SPDX-License-Identifier: BSL-1.0
//
// Spool stage. Concept spool: keeps what is in the line queue where it outlives the process, and
// gives it back at the next start. Models: no_spool (the default), which is nothing, and
// file_spool.
#pragma once

#include <backends/core/counters.hpp>
#include <backends/core/time.hpp>
#include <backends/queue/queue_view.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

namespace backends::inline BACKENDS_ISA {

/// What a spool is built with.
struct spool_options {
    /// The folder; it must be there, and belongs to one exporter alone. Empty: nothing is kept.
    std::string directory = {};
    /// What the lines are, such as the wire format's name: they are not given to another.
    std::string contents = {};
    /// The most bytes that the queue holds.
    std::size_t queue_bytes = std::size_t{16} << 20U;
    /// A file that has as many is followed by another.
    std::size_t segment_bytes = std::size_t{1} << 20U;
    /// Whether lines survive a loss of power too, and not only the end of the process: each batch
    /// is on the disk itself before any of it is sent. Costs the wait for the disk.
    bool sync = false;
};

/// Keeps nothing. The exporter has no code and no byte for it.
struct no_spool {
    static constexpr std::string_view name = "no_spool";
};

namespace detail {
struct any_accept {
    void operator()(std::string_view lines, bool ends_batch) const;
};
}  // namespace detail

/// restore(accept) is called once, first: it calls accept(lines, ends_batch) with everything that
/// was kept, whole lines in order, and may throw config_error. keep(queue, now) is called when the
/// queue may have changed, and before any of it is written to a network: no error means that a
/// later restore() gives what is in it. counters() need not know what was spooled.
template <class S>
concept spool =
    std::same_as<S, no_spool> || (std::constructible_from<S, const spool_options&> &&
                                  requires(S& s, const S& c, const queue_view& queue, instant now) {
                                      { S::name } -> std::convertible_to<std::string_view>;
                                      s.restore(detail::any_accept{});
                                      {
                                          s.keep(queue, now)
                                      } noexcept -> std::same_as<std::error_code>;
                                      {
                                          c.counters()
                                      } noexcept -> std::convertible_to<spool_counters>;
                                  });

}  // namespace backends
