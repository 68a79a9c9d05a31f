// SPDX-License-Identifier: BSL-1.0
//
// Storage, recording policy: one thread records and exports (a poll() loop, a single-threaded
// io_context, a test). No protection.
#pragma once

#include <backends/storage/plain_words.hpp>
#include <backends/storage/recording_policy.hpp>

namespace backends::inline BACKENDS_ISA {

/// The user ensures that recording and reading never overlap.
struct unsynchronized : plain_words {
    [[nodiscard]] detail::no_guard recording() const noexcept { return {}; }
    [[nodiscard]] detail::no_guard reading() const noexcept { return {}; }
};

static_assert(recording_policy<unsynchronized>);

}  // namespace backends
