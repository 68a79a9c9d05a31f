// SPDX-License-Identifier: BSL-1.0
#include <backends/core/thread.hpp>

#include "catch.hpp"

#include <csignal>

namespace {

using backends::instant;
using backends::monotonic_clock;
using backends::detail::condition;
using backends::detail::lock;
using backends::detail::mutex;
using backends::detail::start_thread;

struct meeting {
    mutex guard;
    condition changed;
    bool came = false;
};

void* come(void* to) noexcept {
    auto& there = *static_cast<meeting*>(to);
    const lock coming{there.guard};
    there.came = true;
    there.changed.notify_all();
    return nullptr;
}

/// The result is no null pointer if SIGTERM is blocked.
void* is_deaf(void* marker) noexcept {
    ::sigset_t blocked;
    ::pthread_sigmask(SIG_BLOCK, nullptr, &blocked);
    return ::sigismember(&blocked, SIGTERM) == 1 ? marker : nullptr;
}

}  // namespace

TEST_CASE("a notification wakes the thread that waits") {
    meeting here;
    const pthread_t other = start_thread(&come, &here);
    {
        lock waiting{here.guard};
        while (!here.came) {
            here.changed.wait(waiting, monotonic_clock() + backends::seconds{3600});
        }
    }
    ::pthread_join(other, nullptr);
    CHECK(here.came);
}

TEST_CASE("a wait ends at its time without a notification") {
    meeting here;
    lock waiting{here.guard};
    const instant end = monotonic_clock() + backends::milliseconds(1);
    while (monotonic_clock() < end) {
        here.changed.wait(waiting, end);
    }
    here.changed.wait(waiting, end);  // is over
    CHECK_FALSE(here.came);
}

TEST_CASE("a new thread takes no signals, and its maker goes on taking them") {
    int marker = 0;
    void* result = nullptr;
    ::pthread_join(start_thread(&is_deaf, &marker), &result);
    CHECK(result == &marker);
    CHECK(is_deaf(&marker) == nullptr);
}
