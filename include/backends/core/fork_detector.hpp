// SPDX-License-Identifier: BSL-1.0
//
// Detects a child of fork(). The child has a copy of every object but none of the threads. It
// shares the parent's file descriptors, so a write to a socket or a change of an epoll set would
// affect the parent too.
#pragma once

#include <backends/isa.hpp>

#include <unistd.h>

namespace backends::inline BACKENDS_ISA {

/// Remembers the process that made it. Thread-safe; a query costs one system call.
class fork_detector {
public:
    /// True in a child of the process that made this object.
    [[nodiscard]] bool in_child() const noexcept { return ::getpid() != owner_; }

private:
    ::pid_t owner_ = ::getpid();
};

/// Deletes only in the process that made the deleter. A forked child leaks its copy: a thread that
/// the child lacks may hold the mutex or wait on the condition variable, and the parent shares the
/// epoll set.
struct delete_at_home {
    /// Deletes in the process that made the deleter; a forked child leaves the object alone.
    template <class T>
    void operator()(T* object) const noexcept {
        if (!process.in_child()) {
            delete object;
        }
    }

    fork_detector process;  ///< the one that may delete
};

}  // namespace backends
