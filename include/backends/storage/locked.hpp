// SPDX-License-Identifier: BSL-1.0
//
// Storage, recording policy: any number of threads record into one chart, and a mutex per chart
// serializes them and the exporter. The exporter holds it while it reads a few columns of a window,
// never while it formats or sends.
#pragma once

#include <backends/storage/plain_words.hpp>
#include <backends/storage/recording_policy.hpp>

#include <mutex>

namespace backends::inline BACKENDS_ISA {

/// Any number of recorders and readers, one at a time.
class locked : public plain_words {
public:
    [[nodiscard]] std::lock_guard<std::mutex> recording() const noexcept {
        return std::lock_guard{mutex_};
    }
    [[nodiscard]] std::lock_guard<std::mutex> reading() const noexcept {
        return std::lock_guard{mutex_};
    }

private:
    mutable std::mutex mutex_;
};

static_assert(recording_policy<locked>);

}  // namespace backends
