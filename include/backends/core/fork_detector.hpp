// SPDX-License-Identifier: BSL-1.0
//
// Which process an object belongs to. After fork() the child has a copy of every object and none of
// the threads, and its file descriptors are the parent's: what it wrote to a socket, or took out of
// an epoll set, it would write and take for both.
#pragma once

#include <backends/isa.hpp>

#include <unistd.h>

namespace backends::inline BACKENDS_ISA {

/// Remembers the process that made it. Thread-safe; one system call a question.
class fork_detector {
public:
    /// Whether this is a child of the process that made it.
    [[nodiscard]] bool in_child() const noexcept { return ::getpid() != owner_; }

private:
    ::pid_t owner_ = ::getpid();
};

/// Deletes in the process that made it alone. A fork's child leaves its copy of the object as it
/// is: a mutex in it may be locked and a condition variable waited for by threads that the child
/// does not have, and would never be free; an epoll set is shared with the parent.
struct delete_at_home {
    template <class T>
    void operator()(T* object) const noexcept {
        if (!process.in_child()) {
            delete object;
        }
    }

    fork_detector process;
};

}  // namespace backends
