// SPDX-License-Identifier: BSL-1.0
//
// Keeps a program's signals away from the threads of the library. The kernel gives a signal to any
// thread that does not block it, so a program that blocks SIGTERM in its own threads, to read it
// from a signalfd, would be killed by way of ours.
#pragma once

#include <backends/isa.hpp>

#include <csignal>

namespace backends::inline BACKENDS_ISA {

/// While it lives the thread that made it takes no signal; the threads that it starts never do, for
/// a thread begins with the mask of the one that made it. Costs two system calls.
class signals_blocked {
public:
    signals_blocked() noexcept {
        ::sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    signals_blocked(const signals_blocked&) = delete;
    signals_blocked& operator=(const signals_blocked&) = delete;
    ~signals_blocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

private:
    ::sigset_t before_{};
};

}  // namespace backends
