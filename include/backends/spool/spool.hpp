// SPDX-License-Identifier: BSL-1.0
//
// Spool stage. Concept spool: keeps a copy of the line queue that outlives the process, and gives
// it back at the next start. Models: no_spool (the default), which does nothing, and file_spool.
#pragma once

#include <backends/core/counters.hpp>
#include <backends/core/record_end.hpp>
#include <backends/core/time.hpp>
#include <backends/queue/queue_view.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

namespace backends::inline BACKENDS_ISA {

/// The options of a spool's constructor.
struct spool_options {
    /// The folder; it must exist, and belongs to one exporter alone. Empty: nothing is kept.
    std::string directory = {};
    /// The kind of lines, such as the wire format's name: another kind does not get them.
    std::string contents = {};
    /// What ends a line.
    record_end ends = record_end::newline;
    /// The maximum number of bytes in the queue.
    std::size_t queue_bytes = std::size_t{16} << 20U;
    /// A file of this size is followed by a new one.
    std::size_t segment_bytes = std::size_t{1} << 20U;
    /// Whether lines survive a loss of power too, not only the end of the process: each batch is on
    /// the disk before any of it is sent. Costs a wait for the disk per batch.
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

/// - `name`  the option's name
/// - `S(spool_options)`  opens the spool
/// - `restore(accept)`  the exporter calls it once, first: calls accept(lines, ends_batch) with all
///   kept lines, whole and in order; may throw config_error
/// - `keep(queue, now)`  the exporter calls it when the queue may have changed, and before it sends
///   any of it: no error means that a later restore() gives the queue's lines
/// - `counters()`  need not fill in `spooled`
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
