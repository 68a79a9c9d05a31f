// SPDX-License-Identifier: BSL-1.0
//
// Keeps a program's signals off the library's threads. The kernel delivers a signal to any thread
// that does not block it. A program that blocks SIGTERM in its own threads and reads it from a
// signalfd would be killed through a thread of the library.
#pragma once

#include <backends/isa.hpp>

#include <csignal>

namespace backends::inline BACKENDS_ISA {

/// Blocks all signals for the current thread during its lifetime. Threads started meanwhile inherit
/// the mask and block signals forever. Costs two system calls.
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
