// SPDX-License-Identifier: BSL-1.0
//
// Testing. An independent check of max_age: which of the program's lines are so old that only a
// connection may still hold them, and which may have been dropped as too old.
#pragma once

#include <backends/core/counters.hpp>
#include <backends/core/time.hpp>
#include <backends/testing/verdict.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>

namespace backends::inline BACKENDS_ISA::testing {

/// Not thread-safe.
class age_witness {
public:
    /// `promises` must outlive it; no `max_age` checks nothing.
    age_witness(verdict& promises, nanoseconds max_age) : promises_{&promises}, max_age_{max_age} {}

    /// The program ended a batch; up to here the queue's owner had accepted this much.
    void batch_ended(instant now, amount accepted) {
        if (max_age_.value != 0) {
            ended_.push_back({now, accepted.bytes});
        }
    }

    /// The driver has run, so lines that are too old must be gone.
    void see(instant now, const delivery_counters& c) {
        while (!ended_.empty() && ended_.front().at + max_age_ <= now) {
            old_bytes_ = ended_.front().accepted;
            ended_.pop_front();
        }
        const amount expired = c.dropped[static_cast<std::size_t>(drop_reason::expired)];
        promises_->require(expired.bytes <= old_bytes_, "D1 a line expired before its time");
        promises_->require(max_age_.value == 0 || ended_.size() > remembered ||
                               c.queued.bytes <= c.accepted.bytes - old_bytes_,
                           "D1 a line that is too old still waits");
    }

private:
    /// With more batches than this the queue may merge two, with the younger one's age.
    static constexpr std::size_t remembered = 16;

    struct batch {
        instant at;
        std::uint64_t accepted;
    };

    verdict* promises_;
    nanoseconds max_age_;
    std::deque<batch> ended_;
    std::uint64_t old_bytes_ = 0;
};

}  // namespace backends::testing
