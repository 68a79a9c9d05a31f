// SPDX-License-Identifier: BSL-1.0
//
// A recording policy of a user's own, as docs/concepts/recording_policy.md shows it.
#include <backends/storage/recording_policy.hpp>

#include <backends/storage/chart.hpp>
#include <backends/storage/plain_words.hpp>
#include <backends/testing/recording_policy_laws.hpp>

#include "catch.hpp"

//! [own_recording_policy]
#include <atomic>

/// Several recorders that never sleep: they spin while another one is inside a row.
class spinning : public backends::plain_words {
    class guard {
    public:
        explicit guard(std::atomic_flag& busy) noexcept : busy_{busy} {
            while (busy_.test_and_set(std::memory_order_acquire)) {}
        }
        guard(const guard&) = delete;
        ~guard() { busy_.clear(std::memory_order_release); }

    private:
        std::atomic_flag& busy_;
    };

public:
    guard recording() const noexcept { return guard{busy_}; }
    guard reading() const noexcept { return guard{busy_}; }

private:
    mutable std::atomic_flag busy_;
};
static_assert(backends::recording_policy<spinning>);
//! [own_recording_policy]

TEST_CASE("a recording policy of one's own obeys the laws") {
    REQUIRE(backends::testing::recording_policy_laws<spinning>::broken() == "");
}
