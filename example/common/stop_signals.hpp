// SPDX-License-Identifier: BSL-1.0
//
// SIGINT and SIGTERM as something to wait for. They are blocked, for this thread and for every
// thread that it starts later, and taken when the program waits: so no code runs at an odd moment,
// and one call is both the program's sleep and its wish to end.
#pragma once

#include <chrono>
#include <csignal>
#include <ctime>

namespace program {

class stop_signals {
public:
    /// Construct it before the first thread starts.
    stop_signals() noexcept {
        sigemptyset(&set_);
        sigaddset(&set_, SIGINT);
        sigaddset(&set_, SIGTERM);
        pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    }

    /// Sleeps for `span`. True: one of the two signals has come, now or in an earlier call. The
    /// steady clock counts, so a step of the system clock makes no wait longer.
    bool wait_for(std::chrono::nanoseconds span) noexcept {
        using clock = std::chrono::steady_clock;
        const auto until = clock::now() + span;
        while (!stopped_) {
            const auto left =
                std::chrono::duration_cast<std::chrono::nanoseconds>(until - clock::now());
            const auto wait = left.count() > 0 ? left.count() : 0;
            const timespec sleep{.tv_sec = static_cast<std::time_t>(wait / 1'000'000'000),
                                 .tv_nsec = static_cast<long>(wait % 1'000'000'000)};
            if (sigtimedwait(&set_, nullptr, &sleep) > 0) {
                stopped_ = true;
            } else if (wait == 0) {
                break;
            }
        }
        return stopped_;
    }

    [[nodiscard]] bool stopped() const noexcept { return stopped_; }

private:
    sigset_t set_;
    bool stopped_ = false;
};

}  // namespace program
